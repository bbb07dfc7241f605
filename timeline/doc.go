// Package timeline is the record of a run: what happened, when, and who saw it.
//
// It promises:
//
//   - One clock. Every event carries the seconds since one monotonic start, and
//     every number is stamped under one lock, so the order of Seq is the order of T.
//   - Nothing is lost. The log only grows; each follower holds its own position, so
//     a slow follower delays nobody and a late one starts at the first event.
//   - Record first, judge later. Waterfalls, verdicts and pictures are folds over
//     events; they read a file of last year as well as the run that is live now.
//
// Nothing here starts, signals or asks a process. The package uses the standard
// library only, so that everything that draws or judges can import it.
package timeline
