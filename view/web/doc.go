// Package web shows a run that is under way to browsers, and lets them break it.
//
// It promises:
//
//   - One picture. Everything a page draws is the fold that [view.State] makes of the
//     record, so the page, the terminal and a report cannot disagree.
//   - Nothing is lost. A page that was cut off resumes at the event after its last one; a
//     page that is opened late gets the whole run first.
//   - Only the page changes the world. A GET changes nothing; a POST has to come from the
//     page itself, on this machine, as a small piece of JSON. See guard.go and its test.
//   - Nothing is fetched from elsewhere, and nothing has to be built: the page is plain
//     HTML, CSS and JavaScript inside the binary.
package web
