package load

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/metadata"
)

// echoKey is a call that answers with the key it was given.
func echoKey(ctx context.Context) (string, error) {
	md, _ := metadata.FromOutgoingContext(ctx)
	return md.Get(KeyHeader)[0], nil
}

func TestKeysAreGivenInRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, got := attack(t, Config{Call: echoKey, Pacer: Constant(10), Count: 5, Keys: 2})
		var keys []string
		for _, r := range got {
			if r.Backend != r.Key {
				t.Errorf("call %d says key %q and carried %q", r.Seq, r.Key, r.Backend)
			}
			keys = append(keys, r.Key)
		}
		if want := []string{"key-1", "key-2", "key-1", "key-2", "key-1"}; !slices.Equal(keys, want) {
			t.Errorf("%q, want %q", keys, want)
		}
	})
}

func TestWithoutKeysThereIsNoHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, got := attack(t, Config{Pacer: Constant(10), Duration: time.Second, Call: func(ctx context.Context) (string, error) {
			if md, ok := metadata.FromOutgoingContext(ctx); ok {
				t.Errorf("headers %v", md)
			}
			return "", nil
		}})
		if got[0].Key != "" {
			t.Errorf("key %q", got[0].Key)
		}
	})
}

func TestANegativeNumberOfKeysIsRefused(t *testing.T) {
	if _, err := New(Config{Call: nothing, Workers: 1, Keys: -1}); err == nil {
		t.Error("accepted")
	}
}
