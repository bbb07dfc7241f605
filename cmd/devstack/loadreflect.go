package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	reflectpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// schema is a service as its server describes it.
type schema struct {
	service protoreflect.ServiceDescriptor
	types   *dynamicpb.Types // for google.protobuf.Any in a request
}

// The same protocol under its two names; servers older than 2023 know only the second.
var reflectionMethods = [...]string{
	reflectpb.ServerReflection_ServerReflectionInfo_FullMethodName,
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
}

// reflectService asks the server behind conn what service name is.
func reflectService(ctx context.Context, conn *grpc.ClientConn, name string) (schema, error) {
	for _, method := range reflectionMethods {
		s, err := reflectVia(ctx, conn, method, name)
		if grpcstatus.Code(err) != codes.Unimplemented {
			return s, err
		}
	}
	return schema{}, &exit{status: exitFailed, err: errors.New("--method: the target has no server reflection, which tells what its methods take"),
		hint: "register it in the server: reflection.Register(grpcServer)"}
}

func reflectVia(ctx context.Context, conn *grpc.ClientConn, method, name string) (schema, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the stream
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method)
	if err != nil {
		return schema{}, fmt.Errorf("ask for server reflection: %w", err)
	}
	r := &describer{stream: stream, files: map[string]*descriptorpb.FileDescriptorProto{}}
	if err := r.containing(name); err != nil {
		return schema{}, err
	}
	return r.schema(name)
}

// describer is one conversation with a server about its schema.
type describer struct {
	stream grpc.ClientStream
	files  map[string]*descriptorpb.FileDescriptorProto
}

func (r *describer) ask(req *reflectpb.ServerReflectionRequest) (*reflectpb.ServerReflectionResponse, error) {
	resp := new(reflectpb.ServerReflectionResponse)
	// A send that fails does so with io.EOF; why, only the receive knows.
	if err := r.stream.SendMsg(req); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("ask for server reflection: %w", err)
	}
	if err := r.stream.RecvMsg(resp); err != nil {
		return nil, fmt.Errorf("ask for server reflection: %w", err)
	}
	return resp, nil
}

// containing fetches the files that define service name and all that they import.
func (r *describer) containing(name string) error {
	resp, err := r.ask(&reflectpb.ServerReflectionRequest{
		MessageRequest: &reflectpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name}})
	if err != nil {
		return err
	}
	if resp.GetErrorResponse() != nil {
		return r.unknown(name)
	}
	if err := r.add(resp); err != nil {
		return err
	}
	for {
		missing := r.missing()
		if missing == "" {
			return nil
		}
		if err := r.fetch(missing); err != nil {
			return err
		}
	}
}

// unknown is the error for a service that the server does not know, with those it does.
func (r *describer) unknown(name string) error {
	resp, err := r.ask(&reflectpb.ServerReflectionRequest{MessageRequest: &reflectpb.ServerReflectionRequest_ListServices{}})
	if err != nil {
		return err
	}
	var have []string
	for _, s := range resp.GetListServicesResponse().GetService() {
		have = append(have, s.GetName())
	}
	return usage(didYouMean(name, have, "--method ", "it has "+strings.Join(have, ", ")), "--method: the target has no service %q", name)
}

// missing is an import that was not fetched yet, "" when all are there.
func (r *describer) missing() string {
	for _, f := range r.files {
		for _, d := range f.GetDependency() {
			if r.files[d] == nil {
				return d
			}
		}
	}
	return ""
}

// fetch gets one file. Some servers do not hand out the well-known types: we have them.
func (r *describer) fetch(path string) error {
	resp, err := r.ask(&reflectpb.ServerReflectionRequest{
		MessageRequest: &reflectpb.ServerReflectionRequest_FileByFilename{FileByFilename: path}})
	if err != nil {
		return err
	}
	if err := r.add(resp); err != nil {
		return err
	}
	if r.files[path] != nil {
		return nil
	}
	known, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		return fmt.Errorf("ask for server reflection: the server does not tell what its import %s is", path)
	}
	r.files[path] = protodesc.ToFileDescriptorProto(known)
	return nil
}

func (r *describer) add(resp *reflectpb.ServerReflectionResponse) error {
	for _, b := range resp.GetFileDescriptorResponse().GetFileDescriptorProto() {
		f := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(b, f); err != nil {
			return fmt.Errorf("read what server reflection says: %w", err)
		}
		r.files[f.GetName()] = f
	}
	return nil
}

// schema links the files.
func (r *describer) schema(name string) (schema, error) {
	set := &descriptorpb.FileDescriptorSet{}
	for _, f := range r.files {
		set.File = append(set.File, f)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return schema{}, fmt.Errorf("read what server reflection says: %w", err)
	}
	d, err := files.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return schema{}, fmt.Errorf("read what server reflection says about %s: %w", name, err)
	}
	service, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return schema{}, usage("devstack load --method helloworld.Greeter/SayHello", "--method: %s is not a service", name)
	}
	return schema{service: service, types: dynamicpb.NewTypes(files)}, nil
}
