package scenarios

import "github.com/hashicorp/hcl/v2"

// The shape of a scenario file. Attributes that are expressions are kept as they were
// written: bounds and observations are computed after the run, and reports show the text.

type fileSpec struct {
	Scenarios []*scenarioSpec `hcl:"scenario,block"`
}

type scenarioSpec struct {
	Name     string        `hcl:"name,label"`
	Title    string        `hcl:"title"`
	Tier     int           `hcl:"tier,optional"`
	Teaches  []string      `hcl:"teaches,optional"`
	Lesson   string        `hcl:"lesson,optional"`
	Watch    string        `hcl:"watch,optional"`
	Docs     string        `hcl:"docs,optional"`
	Limit    string        `hcl:"limit,optional"`
	Topology *topologySpec `hcl:"topology,block"`
	Load     *loadSpec     `hcl:"load,block"`
	Steady   *steadySpec   `hcl:"steady,block"`
	Guard    *guardSpec    `hcl:"guard,block"`
	Vary     *varySpec     `hcl:"vary,block"`
	Predict  *predictSpec  `hcl:"predict,block"`
	Steps    []*stepSpec   `hcl:"step,block"`
	Expects  []*expectSpec `hcl:"expect,block"`
	Range    hcl.Range     `hcl:",def_range"`
}

// topologySpec and loadSpec hold settings: each attribute is a knob that --set can turn.
type topologySpec struct {
	Settings hcl.Attributes `hcl:",remain"`
}

type loadSpec struct {
	Settings hcl.Attributes `hcl:",remain"`
}

type steadySpec struct {
	For    string `hcl:"for,optional"`
	Within string `hcl:"within,optional"`
	Skip   bool   `hcl:"skip,optional"` // for stories whose end is not their beginning
}

// guardSpec ends a run that is not worth judging.
type guardSpec struct {
	NoiseMax hcl.Expression `hcl:"noise_max,optional"`
}

type varySpec struct {
	Setting string   `hcl:"setting,label"`
	Values  []string `hcl:"values"`
	Note    string   `hcl:"note,optional"`
}

type predictSpec struct {
	Ask     string   `hcl:"ask"`
	Options []string `hcl:"options,optional"`
	Answer  string   `hcl:"answer,optional"`
}

type stepSpec struct {
	Name   string         `hcl:"name,label"`
	Say    hcl.Expression `hcl:"say,optional"`
	Inject *injectSpec    `hcl:"inject,block"`
	Heal   string         `hcl:"heal,optional"` // name of the step whose fault ends
	Scale  hcl.Expression `hcl:"scale,optional"`
	Rate   hcl.Expression `hcl:"rate,optional"`
	Wait   string         `hcl:"wait,optional"`
	Until  hcl.Expression `hcl:"until,optional"`
	Within string         `hcl:"within,optional"`
	Range  hcl.Range      `hcl:",def_range"`
}

type injectSpec struct {
	Kind   string         `hcl:"kind,label"`
	Target hcl.Expression `hcl:"target,optional"`
	For    string         `hcl:"for,optional"`
	Args   hcl.Attributes `hcl:",remain"`
	Range  hcl.Range      `hcl:",def_range"`
}

type expectSpec struct {
	Name   string         `hcl:"name,label"`
	Of     hcl.Expression `hcl:"of,optional"`
	Within hcl.Expression `hcl:"within,optional"`
	Max    hcl.Expression `hcl:"max,optional"`
	Min    hcl.Expression `hcl:"min,optional"`
	Always hcl.Expression `hcl:"always,optional"`
	Never  hcl.Expression `hcl:"never,optional"`
	Unit   string         `hcl:"unit,optional"`
	Range  hcl.Range      `hcl:",def_range"`
}
