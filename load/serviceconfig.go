package load

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc/balancer"
	_ "google.golang.org/grpc/balancer/leastrequest" // these three so that Policies are known
	_ "google.golang.org/grpc/balancer/randomsubsetting"
	_ "google.golang.org/grpc/balancer/ringhash"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/health" // without it grpc ignores WithHealthCheck
)

// Policies are the names that ServiceConfig knows in this program, the default first; it accepts any other
// registered policy too. outlier_detection is among them when the program imports grpc/xds, weighted and
// modulo_hash when it imports resolver/weighted and load/modulo.
func Policies() []string {
	names := []string{"round_robin", "pick_first", "least_request", "ring_hash", "modulo_hash", "random_subsetting", "outlier_detection", "weighted"}
	return slices.DeleteFunc(names, func(name string) bool { return balancer.Get(registered(name)) == nil })
}

// registered is the name under which grpc knows a policy: it still calls many experimental.
func registered(policy string) string {
	switch policy {
	case "least_request", "ring_hash", "random_subsetting", "outlier_detection":
		return policy + "_experimental"
	case "weighted":
		return "consul_weighted_round_robin"
	}
	return policy
}

// ownConfig is a policy's settings when nobody gives any. Without a header to look at, ring_hash expects grpc's
// xDS client to have hashed the call, and fails it.
func ownConfig(policy string) string {
	if policy == "ring_hash" || policy == "modulo_hash" {
		return `{"requestHashHeader":"` + KeyHeader + `"}`
	}
	return "{}"
}

// ConfigOption adds to a service config.
type ConfigOption func(*serviceConfig) error

type serviceConfig struct {
	LoadBalancingConfig []map[string]any `json:"loadBalancingConfig"`
	MethodConfig        []*methodConfig  `json:"methodConfig,omitempty"`
	RetryThrottling     *throttling      `json:"retryThrottling,omitempty"`
	HealthCheckConfig   *healthCheck     `json:"healthCheckConfig,omitempty"`
	policyConfig        json.RawMessage
}

type methodConfig struct {
	Name         []struct{}   `json:"name"` // one empty name: every method
	WaitForReady bool         `json:"waitForReady,omitempty"`
	RetryPolicy  *retryPolicy `json:"retryPolicy,omitempty"`
}

type retryPolicy struct {
	MaxAttempts          int      `json:"maxAttempts"`
	InitialBackoff       string   `json:"initialBackoff"`
	MaxBackoff           string   `json:"maxBackoff"`
	BackoffMultiplier    float64  `json:"backoffMultiplier"`
	RetryableStatusCodes []uint32 `json:"retryableStatusCodes"`
}

type throttling struct {
	MaxTokens  float64 `json:"maxTokens"`
	TokenRatio float64 `json:"tokenRatio"`
}

type healthCheck struct {
	ServiceName string `json:"serviceName"`
}

// ServiceConfig is the JSON service config of an observed channel that balances by policy, for every method of
// every service. An unknown policy or an option that grpc would reject is an error.
func ServiceConfig(policy string, opts ...ConfigOption) (string, error) {
	name := registered(policy)
	if balancer.Get(name) == nil {
		return "", fmt.Errorf("unknown balancing policy %q (have %q)", policy, Policies())
	}
	sc := &serviceConfig{policyConfig: json.RawMessage(ownConfig(policy))}
	for _, opt := range opts {
		if err := opt(sc); err != nil {
			return "", fmt.Errorf("service config: %w", err)
		}
	}
	child := []map[string]any{{name: sc.policyConfig}}
	sc.LoadBalancingConfig = []map[string]any{{ObservedPolicy: map[string]any{"childPolicy": child}}}
	js, err := json.Marshal(sc)
	if err != nil {
		return "", fmt.Errorf("service config: %w", err)
	}
	return string(js), nil
}

// WithPolicyConfig gives the policy its own JSON object, such as {"choiceCount": 3} for least_request.
func WithPolicyConfig(js string) ConfigOption {
	return func(sc *serviceConfig) error {
		var object map[string]any
		if err := json.Unmarshal([]byte(js), &object); err != nil || object == nil {
			return errors.Join(fmt.Errorf("policy config %q is no JSON object", js), err)
		}
		sc.policyConfig = json.RawMessage(js)
		return nil
	}
}

// WithWaitForReady makes calls wait for a connection, up to their deadline, instead of failing at once.
func WithWaitForReady() ConfigOption {
	return func(sc *serviceConfig) error {
		sc.method().WaitForReady = true
		return nil
	}
}

// Retry says when and how often a failed call is tried again.
type Retry struct {
	MaxAttempts int           // the first one included: 2 to 5
	Initial     time.Duration // bound of the first wait; 0 = 10 ms. Waits are jittered by ±20 %
	Max         time.Duration // bound of every wait; 0 = 1 s
	Multiplier  float64       // of the bound after each attempt; 0 = 2
	Codes       []codes.Code  // empty = UNAVAILABLE
}

// WithRetry adds a retry policy. grpc retries only calls that have had no answer from the server yet.
func WithRetry(r Retry) ConfigOption {
	return func(sc *serviceConfig) error {
		p, err := r.policy()
		sc.method().RetryPolicy = p
		return err
	}
}

func (r Retry) policy() (*retryPolicy, error) {
	p := &retryPolicy{
		MaxAttempts:       r.MaxAttempts,
		InitialBackoff:    jsonDuration(cmp.Or(r.Initial, 10*time.Millisecond)),
		MaxBackoff:        jsonDuration(cmp.Or(r.Max, time.Second)),
		BackoffMultiplier: cmp.Or(r.Multiplier, 2),
	}
	for _, c := range r.Codes {
		if c == codes.OK || c > codes.Unauthenticated {
			return nil, fmt.Errorf("retry: %s is not a code to retry", c)
		}
		p.RetryableStatusCodes = append(p.RetryableStatusCodes, uint32(c))
	}
	if len(r.Codes) == 0 {
		p.RetryableStatusCodes = []uint32{uint32(codes.Unavailable)}
	}
	switch {
	case r.MaxAttempts < 2 || r.MaxAttempts > 5:
		return nil, fmt.Errorf("retry: %d attempts are not in 2 to 5", r.MaxAttempts)
	case r.Initial < 0 || r.Max < 0 || !(p.BackoffMultiplier > 0):
		return nil, errors.New("retry: negative backoff")
	}
	return p, nil
}

// WithRetryThrottling stops retries while at most half of maxTokens are left: a failed attempt takes one token,
// a successful call gives ratio back.
func WithRetryThrottling(maxTokens, ratio float64) ConfigOption {
	return func(sc *serviceConfig) error {
		if !(maxTokens > 0 && maxTokens <= 1000 && ratio > 0) {
			return fmt.Errorf("retry throttling: %v tokens are not in (0, 1000] or ratio %v is not positive", maxTokens, ratio)
		}
		sc.RetryThrottling = &throttling{maxTokens, ratio}
		return nil
	}
}

// WithHealthCheck makes connections ask their replica whether service serves ("" = the replica as a whole) and
// stay out of the picker while it does not. round_robin heeds it, pick_first does not.
func WithHealthCheck(service string) ConfigOption {
	return func(sc *serviceConfig) error {
		sc.HealthCheckConfig = &healthCheck{service}
		return nil
	}
}

func (sc *serviceConfig) method() *methodConfig {
	if len(sc.MethodConfig) == 0 {
		sc.MethodConfig = []*methodConfig{{Name: []struct{}{{}}}}
	}
	return sc.MethodConfig[0]
}

func jsonDuration(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 9, 64) + "s"
}
