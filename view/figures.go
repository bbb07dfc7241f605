package view

import "devstack/timeline"

// figures are the drawings that this record has the data for.
func figures(run timeline.Run, events []timeline.Event, calls []timeline.Call) []figure {
	return nil
}
