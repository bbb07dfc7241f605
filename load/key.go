package load

import (
	"context"
	"strconv"

	"google.golang.org/grpc/metadata"
)

// KeyHeader is the header that carries a call's key. ring_hash and modulo_hash look at it unless they are
// configured otherwise.
const KeyHeader = "devstack-key"

// keyring is the keys of an Attack, made once so that a call does not have to.
type keyring []string

func newKeyring(n int) keyring {
	keys := make(keyring, n)
	for i := range keys {
		keys[i] = "key-" + strconv.Itoa(i+1)
	}
	return keys
}

// attach puts the key of call seq, counted from 1, into its headers; an empty keyring changes nothing.
func (k keyring) attach(ctx context.Context, seq uint64) (context.Context, string) {
	if len(k) == 0 {
		return ctx, ""
	}
	key := k[(seq-1)%uint64(len(k))]
	return metadata.AppendToOutgoingContext(ctx, KeyHeader, key), key
}
