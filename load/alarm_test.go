package load

import (
	"testing"
	"time"
)

// TestAlarm is of the alarm that this system has, and of the one that the others have.
func TestAlarm(t *testing.T) {
	for name, fresh := range map[string]func() *alarm{"system": newAlarm, "runtime": runtimeAlarm} {
		t.Run(name, func(t *testing.T) {
			a := fresh()
			defer a.close()
			for _, d := range []time.Duration{1, 100 * time.Microsecond, 3 * time.Millisecond} {
				begin := time.Now()
				a.set(d)
				<-a.rang
				if took := time.Since(begin); took < d {
					t.Errorf("set to %s, it rang after %s", d, took)
				}
			}
			a.set(time.Hour)
			a.set(time.Millisecond)
			<-a.rang // the second counts
		})
	}
}
