package naive

import grpcresolver "google.golang.org/grpc/resolver"

type Builder struct{ grpcresolver.Builder }

func NewBuilder(func(error)) *Builder { return &Builder{} }
func (*Builder) Scheme() string       { return "consul" }
func (*Builder) Close() error         { return nil }
