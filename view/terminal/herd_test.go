package terminal

import (
	"fmt"
	"strings"
	"testing"

	"devstack/view"
)

// A herd is on Consul's line wherever that line is, whatever else must go.
func TestAHerdIsOnConsulsLine(t *testing.T) {
	s := untilOf(t, "kill-node", 3)
	s.Herd = &view.Herd{Channels: 250, Reached: 200, Conns: 200, Refused: 151}
	for _, size := range sizes {
		screen := Render(s, Options{Width: size[0], Height: size[1]})
		exactly(t, fmt.Sprint(size), screen, size[0], size[1])
		if strings.Contains(screen, "★ leads") && !strings.Contains(screen, "herd 200/250 on 200 conns, ✕ 151") {
			t.Errorf("%v:\n%s", size, screen)
		}
	}
}
