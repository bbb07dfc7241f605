package stack

import "devstack/timeline"

// voice is how what one client sees gets into the record. A sentence without a name is
// about the first client, so those of every other begin with theirs.
type voice struct {
	log  *timeline.Log
	name string // client/1
}

// tell appends e. The first client may leave the word to a part of it, by e.Src.
func (v voice) tell(e timeline.Event) {
	if v.name != timeline.FirstClient {
		e.Src, e.Msg = v.name, v.name+": "+e.Msg
	}
	if e.Src == "" {
		e.Src = v.name
	}
	v.log.Append(e)
}
