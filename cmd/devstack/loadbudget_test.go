package main

import (
	"testing"
	"time"
)

func TestTheRecordTakesWhatItHasRoomFor(t *testing.T) {
	spend := func(b *budget, from time.Duration, perSecond int, ok bool) (taken int) {
		for n := range perSecond {
			if b.take(from+time.Duration(n)*time.Second/time.Duration(perSecond), ok) {
				taken++
			}
		}
		return taken
	}
	b := &budget{}
	for s := range 60 {
		if got := spend(b, time.Duration(s)*time.Second, recordRate, true); got != recordRate {
			t.Fatalf("second %d: %d of a steady %d a second", s, got, recordRate)
		}
	}
	if got := spend(b, 60*time.Second, 10*recordRate, true); got < recordBurst+recordRate-10 || got > recordBurst+recordRate+10 {
		t.Errorf("%d of a flood in its first second, want %d", got, recordBurst+recordRate)
	}
	if got := spend(b, 61*time.Second, 10*recordRate, true); got < recordRate-10 || got > recordRate+10 {
		t.Errorf("%d of a flood in its second second, want %d", got, recordRate)
	}
	if got := spend(b, 61*time.Second, 1000, false); got != 1000 {
		t.Errorf("%d of 1000 failures beside the flood", got)
	}
	if taken, left := b.counts(); taken+left != 60*recordRate+20*recordRate+1000 {
		t.Errorf("%d taken and %d left over: a call is missing", taken, left)
	}
	b.taken = recordMost
	if b.take(time.Hour, true) || b.take(time.Hour, false) {
		t.Error("there is no end to the record")
	}
}
