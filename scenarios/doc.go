// Package scenarios runs failure stories written in HCL and judges them.
//
// It promises: a scenario goes steady → inject → observe → heal → verify. Nothing is
// injected unless the steady state held; what was injected is healed in reverse order,
// however the run ends; the steady state is checked again afterwards. While it runs it
// only records. Verdicts come afterwards, from the record alone, so the judge can be
// tested with records made by hand and a report can be made again from a file. A verdict
// is pass, fail, or inconclusive when the experiment did not happen as written.
//
// The built-in scenarios are the *.hcl files of this folder; files that a user writes run
// in exactly the same way.
package scenarios
