package scenarios

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// answered is the replica that answered each key's last call in w.
func (r Record) answered(w window) map[string]string {
	m := map[string]string{}
	for _, c := range r.calls(w) {
		if c.Key != "" && c.OK {
			m[c.Key] = c.Replica
		}
	}
	return m
}

// measureKeys tells how far keys stayed where they were. ready is who could have them at the end of w, home who
// had them in the steady state; a key that was not answered in both counts in neither.
func measureKeys(m map[string]cty.Value, r Record, w window, ready []string, home map[string]string) {
	both, moved, needlessly := 0, 0, 0
	for key, now := range r.answered(w) {
		then, seen := home[key]
		if !seen {
			continue
		}
		both++
		if now != then {
			moved++
			if slices.Contains(ready, then) {
				needlessly++
			}
		}
	}
	m["moved"], m["moved_needlessly"] = share(moved, both), share(needlessly, both)
	m["affinity"] = r.affinity(w)
}

// affinity is the share of w's answered calls that went where their key's call before them was answered.
func (r Record) affinity(w window) cty.Value {
	last := map[string]string{}
	same, all := 0, 0
	for _, c := range r.Calls {
		if c.Key == "" || !c.OK {
			continue
		}
		before, seen := last[c.Key]
		last[c.Key] = c.Replica
		if !seen || !w.has(c.Done) {
			continue
		}
		all++
		if before == c.Replica {
			same++
		}
	}
	return share(same, all)
}

// share is a part of a whole, null for a part of nothing.
func share(part, whole int) cty.Value {
	if whole == 0 {
		return cty.NullVal(cty.Number)
	}
	return cty.NumberFloatVal(float64(part) / float64(whole))
}
