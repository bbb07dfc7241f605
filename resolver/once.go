package resolver

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
)

// errResent means that the connection under a blocking query was cut. net/http would send the query again by
// itself, with an index that Consul may have forgotten meanwhile: it would block for all of its wait time.
var errResent = errors.New("connection cut")

// onceOnly makes the request that runs under the returned context end, with errResent as the context's cause,
// when it is about to go over a second connection. The context ends with ctx.
func onceOnly(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	var connections atomic.Int32
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if connections.Add(1) > 1 {
				cancel(errResent)
			}
		},
	})
}
