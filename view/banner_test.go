package view

import (
	"strings"
	"testing"

	"devstack/timeline"
)

// The banner says what Consul's API speaks.
func TestTheBannerOfTLS(t *testing.T) {
	for want, ca := range map[string]string{"Consul      http 127.0.0.1:8500\n": "", "Consul      https 127.0.0.1:8500\n": "ca.pem"} {
		var b strings.Builder
		Banner(&b, timeline.Ready{Consul: timeline.ConsulAddrs{HTTP: "127.0.0.1:8500", CA: ca}}, "runs/1", false)
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
}
