package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"devstack/load"
)

// anyMethod is a call of --method with --data. The request is encoded once and the answer
// is not decoded, so a foreign method costs no more than a greeting. The backend is the
// address that answered, since no method but ours tells a replica's name.
func (l *loadChannels) anyMethod(ctx context.Context, p *loadPlan) (load.Call, error) {
	name := p.method[:strings.LastIndex(p.method, "/")]
	schema, err := reflectService(ctx, l.conns[0], name)
	if err != nil {
		return nil, err
	}
	method, err := unaryMethod(schema.service, p.method[len(name)+1:])
	if err != nil {
		return nil, err
	}
	request, err := encodeRequest(method, schema.types, p.data)
	if err != nil {
		return nil, err
	}
	path := "/" + p.method
	return func(ctx context.Context) (string, error) {
		var from peer.Peer
		var answer rawMessage
		if err := l.turn().Invoke(ctx, path, request, &answer, grpc.ForceCodecV2(rawCodec{}), grpc.Peer(&from)); err != nil {
			return "", fmt.Errorf("call %s: %w", p.method, err)
		}
		return from.Addr.String(), nil
	}, nil
}

// unaryMethod is the method of s called name.
func unaryMethod(s protoreflect.ServiceDescriptor, name string) (protoreflect.MethodDescriptor, error) {
	m := s.Methods().ByName(protoreflect.Name(name))
	if m == nil {
		var have []string
		for i := range s.Methods().Len() {
			have = append(have, string(s.Methods().Get(i).Name()))
		}
		hint := didYouMean(name, have, "--method "+string(s.FullName())+"/", "it has "+strings.Join(have, ", "))
		return nil, usage(hint, "--method: service %s has no method %q", s.FullName(), name)
	}
	if m.IsStreamingClient() || m.IsStreamingServer() {
		return nil, usage("choose a unary method", "--method: %s/%s is a streaming method; load calls unary ones only", s.FullName(), name)
	}
	return m, nil
}

// encodeRequest is data, JSON of the method's input, on the wire. No data is an empty message.
func encodeRequest(m protoreflect.MethodDescriptor, types *dynamicpb.Types, data string) (rawMessage, error) {
	msg := dynamicpb.NewMessage(m.Input())
	if strings.TrimSpace(data) != "" {
		if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal([]byte(data), msg); err != nil {
			return nil, usage("its fields: "+fieldsOf(m.Input()), "--data is no %s in JSON: %s", m.Input().FullName(), plainProto(err))
		}
	}
	b, err := proto.Marshal(msg)
	if err != nil {
		return nil, usage("its fields: "+fieldsOf(m.Input()), "--data: encode %s: %s", m.Input().FullName(), plainProto(err))
	}
	return b, nil
}

// plainProto is err without the package's name and the odd space that it puts there so
// that nobody relies on its words.
func plainProto(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto: ")
}

func fieldsOf(m protoreflect.MessageDescriptor) string {
	var names []string
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		names = append(names, fmt.Sprintf("%s (%s)", f.JSONName(), f.Kind()))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// rawMessage is a message as it is on the wire.
type rawMessage []byte

// rawCodec moves rawMessages without looking at them.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.(rawMessage)
	if !ok {
		return nil, fmt.Errorf("encode %T: not a raw message", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*rawMessage)
	if !ok {
		return fmt.Errorf("decode into %T: not a raw message", v)
	}
	*b = data.Materialize()
	return nil
}
