package main

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
)

// BenchmarkLoadRecord is what a run folder costs each call: one with room for it, and one
// without, as most are at tens of thousands a second.
func BenchmarkLoadRecord(b *testing.B) {
	for name, taken := range map[string]uint64{"room": 0, "full": recordMost} {
		b.Run(name, func(b *testing.B) {
			rec, err := newLoadRecord(&loadPlan{out: b.TempDir(), args: []string{"devstack", "load"}})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() {
				if err := errors.Join(rec.sess.close(), rec.rpcs.Close(), rec.file.Close()); err != nil {
					b.Error(err)
				}
			})
			var r load.Result
			for b.Loop() {
				due, seq := r.Due+time.Second/recordRate, r.Seq+1
				r = callAt(due, 50*time.Microsecond, 400*time.Microsecond, "greeter-1", codes.OK)
				r.Seq, r.Addr, r.Attempts = seq, "127.0.0.1:43043", 1
				rec.budget.taken = taken
				rec.add(r)
			}
		})
	}
}
