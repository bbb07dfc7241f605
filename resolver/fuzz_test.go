package resolver

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/consul/api"
)

// Whatever a Consul answers, there is no panic and no endpoint without an address.
func FuzzEntriesToState(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[null]`, `[{}]`, `[{"Service":{}}]`, `[{"Node":{"Address":"::1"},"Service":{"Port":80}}]`,
		`[{"Service":{"Address":"[fe80::1]","Port":1,"Weights":{"Passing":-1}},"Checks":[null,{"Status":"passing"}]}]`,
		`[{"Service":{"Address":"a","Port":70000,"TaggedAddresses":{"lan":{"Address":"","Port":0}},"Ports":[{"Name":"x","Port":1}]}}]`,
	} {
		f.Add([]byte(seed), "consul:///web?health=any&address=lan,node&limit=2")
	}
	f.Fuzz(func(t *testing.T, raw []byte, target string) {
		var entries []*api.ServiceEntry
		parsed, err := ParseTarget(target)
		if err != nil || json.Unmarshal(raw, &entries) != nil {
			t.Skip()
		}
		entries = solid(entries)
		found, _ := shapeOf(parsed, 1).instances(entries)
		for _, ep := range state(found).Endpoints {
			if len(ep.Addresses) == 0 || ep.Addresses[0].Addr == "" {
				t.Errorf("an endpoint without an address: %+v", ep)
			}
		}
		count(entries)
	})
}
