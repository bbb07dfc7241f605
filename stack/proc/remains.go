package proc

import (
	"encoding/json"
	"errors"
	"os"
)

// remainsEnv carries Spec.Remains to the child, as JSON: a path may hold any separator.
const remainsEnv = "DEVSTACK_CHILD_REMAINS"

// handOver is what the child's environment says of remains, nothing without any.
func handOver(remains []string) []string {
	if len(remains) == 0 {
		return nil
	}
	list, _ := json.Marshal(remains) // strings can always be encoded
	return []string{remainsEnv + "=" + string(list)}
}

// takeOver reads them, once.
func takeOver() (remains []string) {
	json.Unmarshal([]byte(os.Getenv(remainsEnv)), &remains) // what is not ours names nothing
	os.Unsetenv(remainsEnv)
	return remains
}

// Clear removes what the parent would have removed, had it lived: Spec.Remains. A child calls
// it when its parent is gone, as the last thing it does. Several may do so at the same time.
// Without a parent it does nothing.
func (p *Parent) Clear() error {
	if p == nil {
		return nil
	}
	var errs []error
	for _, path := range p.remains {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}
