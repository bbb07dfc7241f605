package resolvers

import (
	"net/http"
	"strconv"

	"github.com/hashicorp/consul/api"
)

// Misbehaviour is a Consul that makes a careless resolver ask without pause.
type Misbehaviour struct {
	What   string // what this Consul does
	Answer Answer
}

// Misbehaviours are the ways of answering that turn a blocking query into a hot loop.
func Misbehaviours() []Misbehaviour {
	hot := func(what string, index func(n int) string) Misbehaviour {
		return Misbehaviour{what, func(n int) (string, []*api.ServiceEntry, int) { return index(n), Web(2), http.StatusOK }}
	}
	return []Misbehaviour{
		hot("says index 0", func(int) string { return "0" }),
		hot("sends no index", func(int) string { return "" }),
		hot("never blocks, same index", func(int) string { return "7" }),
		hot("never blocks, index grows, same list", func(n int) string { return strconv.Itoa(n + 7) }),
		{"answers 500", Failing},
	}
}

// Failing is the answer of a Consul that is broken.
func Failing(int) (string, []*api.ServiceEntry, int) { return "", nil, http.StatusInternalServerError }
