package resolver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func parseBool(v string) (bool, error) {
	if v == "" { // "?stale", as in Consul's own interface
		return true, nil
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("is %q, want true or false", v)
	}
	return b, nil
}

func parseCount(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("is %q, want a number from 0", v)
	}
	return n, nil
}

func parsePercent(v string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(v, "%"))
	if err != nil || n < 0 || n > 100 {
		return 0, fmt.Errorf("is %q, want a percentage from 0 to 100", v)
	}
	return n, nil
}

func parseHealth(t *Target, v string) error {
	switch v {
	case "healthy": // simplesurance
		t.Health = HealthPassing
	case "fallbackToUnhealthy": // simplesurance
		t.Health = HealthFallback
	default:
		known := []Health{HealthPassing, HealthWarning, HealthAny, HealthFallback}
		if !slices.Contains(known, Health(v)) {
			return fmt.Errorf("is %q, want passing, warning, any or fallback", v)
		}
		t.Health = Health(v)
	}
	return nil
}

// parseHealthy reads mbobakov's spelling.
func parseHealthy(t *Target, v string) error {
	on, err := parseBool(v)
	t.Health = HealthAny
	if on {
		t.Health = HealthPassing
	}
	return err
}

func parseLinger(t *Target, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return fmt.Errorf("is %q, want a duration such as 30s, or 0", v)
	}
	t.Linger = d
	if d == 0 {
		t.Linger = NoLinger
	}
	return nil
}

func printLinger(t *Target) []string {
	switch {
	case t.Linger < 0:
		return []string{"0s"}
	case t.Linger == 0:
		return nil
	}
	return []string{t.Linger.String()}
}

func parseEmpty(t *Target, v string) error {
	mode, hold, timed := strings.Cut(v, "=")
	switch EmptyPolicy(mode) {
	case EmptyClear, EmptyKeep, EmptyHold:
	default:
		return fmt.Errorf("is %q, want clear, keep or hold=30s", v)
	}
	t.Empty, t.Hold = EmptyPolicy(mode), 0
	if !timed {
		return nil
	}
	d, err := time.ParseDuration(hold)
	if err != nil || d <= 0 || t.Empty != EmptyHold {
		return fmt.Errorf("is %q, want clear, keep or hold=30s", v)
	}
	t.Hold = d
	return nil
}

func printEmpty(t *Target) []string {
	if t.Empty == EmptyHold && t.Hold > 0 {
		return []string{string(t.Empty) + "=" + t.Hold.String()}
	}
	return some(string(t.Empty))
}

func parseScheme(t *Target, v string) error {
	if v != "http" && v != "https" {
		return fmt.Errorf("is %q, want http or https", v)
	}
	t.TLS = v == "https"
	return nil
}

func printScheme(t *Target) []string {
	if t.TLS {
		return []string{"https"}
	}
	return nil
}

func parseAgents(t *Target, values []string) error {
	if len(t.Agents) > 0 {
		return fmt.Errorf("is given although the target names an agent as its host")
	}
	for _, v := range values {
		t.Agents = append(t.Agents, list(v)...)
	}
	for _, a := range t.Agents {
		scheme, rest, ok := strings.Cut(a, "://")
		if ok && (rest == "" || !slices.Contains([]string{"http", "https", "unix"}, scheme)) {
			return fmt.Errorf("is not host:port, http://…, https://… or unix://…")
		}
	}
	return nil
}

func printAgents(t *Target) []string {
	if len(t.hosts()) == 0 {
		return t.Agents
	}
	return nil
}

// didYouMean suggests the known parameter nearest to key, if one is near.
func didYouMean(key string) string {
	best, at := "", 3
	for name := range paramByName {
		if d := distance(key, name); d < at || d == at && best != "" && name < best {
			best, at = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
