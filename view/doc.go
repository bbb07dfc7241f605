// Package view draws what a timeline says: as plain lines, as a report. It promises that
// every picture is a fold of recorded events and nothing else: it asks no stack and no
// process, so a live run, a replay and a report of the same events cannot disagree.
package view
