package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"devstack/timeline"
	"devstack/view"
)

// recording is what a player's page has in place of a server: a picture for every tick of
// traffic and for every moment that has a mark on the timeline, and the events between.
type recording struct {
	Frames []Frame          `json:"frames"` // in order of Now
	Events []timeline.Event `json:"events"` // that have a sentence, and the ticks
	Points []Point          `json:"points"`
}

// Player is the dashboard's own page with the run inside, drawn by the same code, for a
// report. It is none for a run without traffic.
func Player(events []timeline.Event) (view.Player, error) {
	r := record(events)
	if len(r.Points) == 0 {
		return view.Player{}, nil
	}
	data, err := packed(r)
	if err != nil {
		return view.Player{}, fmt.Errorf("pack the run for the player: %w", err)
	}
	script, err := bundle(map[string]string{"store": "recorded"})
	if err != nil {
		return view.Player{}, fmt.Errorf("make the player: %w", err)
	}
	page := asset("index.html")
	for old, now := range map[string]string{
		`<link rel="icon" href="/favicon.svg" type="image/svg+xml">`: "",
		`<link rel="stylesheet" href="/app.css">`:                    "<style>" + asset("app.css") + "</style>",
		`<script type="module" src="/app.js"></script>`:              "",
		`<body>`:  `<body class="recorded">`,
		`</body>`: `<script type="application/gzip" id="recording">` + data + `</script><script>` + script + `</script></body>`,
	} {
		if !strings.Contains(page, old) {
			return view.Player{}, fmt.Errorf("make the player: the page has no %s", old)
		}
		page = strings.Replace(page, old, now, 1)
	}
	sum := sha256.Sum256([]byte(script))
	return view.Player{Page: page, Script: base64.StdEncoding.EncodeToString(sum[:])}, nil
}

func record(events []timeline.Event) recording {
	r := recording{Frames: []Frame{}, Events: []timeline.Event{}, Points: []Point{}}
	var s view.State
	ready := false
	for _, e := range events {
		if step, ok := timeline.Payload[timeline.Step](e); ok && step.Phase == "end" {
			break // what comes later is the stack being taken down
		}
		s.Add(e)
		ready = ready || e.Type == timeline.StackReady
		if !ready {
			continue
		}
		tick := e.Type == timeline.TrafficTick && !e.OfAnother() // the curves and the flying picks are the first client's
		if e.Msg != "" && e.Type != timeline.TrafficTick || tick {
			r.Events = append(r.Events, e)
		}
		if tick || landmark(e) {
			r.Frames = append(r.Frames, frameOf("recording", e.T, s.Snapshot()))
		}
	}
	for _, p := range s.Traffic.History {
		r.Points = append(r.Points, Point{p.T, p.OK, p.Failed, p.P50MS, p.P99MS, p.Share})
	}
	return r
}

func packed(r recording) (string, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if err := json.NewEncoder(zip).Encode(r); err != nil {
		return "", err
	}
	if err := zip.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}
