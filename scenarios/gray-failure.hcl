scenario "gray-failure" {
  title   = "A replica fails every call and passes every check"
  tier    = 2
  teaches = ["gray failure", "outlier detection", "defaults that do nothing"]
  docs    = "docs/scenarios/gray-failure.md"

  lesson = <<-EOT
    Health checks ask whether a replica says that it is well. Only its callers know that it is
    not. Outlier detection looks at results and takes a failing replica out for a while, on
    its own; with grpc's default settings it never does, because they ask for five hosts and
    enforce nothing.
  EOT
  watch  = "a third of the calls red behind a ladder that is green from left to right, until the policy has seen enough"

  topology {
    replicas = 3
  }
  load {
    rate          = 200
    policy        = "outlier_detection"
    policy_config = "{\"interval\":\"1s\",\"baseEjectionTime\":\"3s\",\"maxEjectionPercent\":50,\"failurePercentageEjection\":{\"threshold\":50,\"enforcementPercentage\":100,\"minimumHosts\":3,\"requestVolume\":10},\"childPolicy\":[{\"round_robin\":{}}]}"
  }

  vary "policy_config" {
    values = [
      "{\"interval\":\"1s\",\"baseEjectionTime\":\"3s\",\"maxEjectionPercent\":50,\"failurePercentageEjection\":{\"threshold\":50,\"enforcementPercentage\":100,\"minimumHosts\":3,\"requestVolume\":10},\"childPolicy\":[{\"round_robin\":{}}]}",
      "{\"interval\":\"1s\",\"failurePercentageEjection\":{},\"childPolicy\":[{\"round_robin\":{}}]}",
    ]
    note = "the second leaves grpc's defaults alone: five hosts at least, and nothing is enforced"
  }

  predict {
    ask     = "One replica answers INTERNAL to everything and tells its health check that it serves. Who takes it out?"
    options = ["Consul's check", "round_robin", "outlier detection, if it is set up"]
    answer  = "outlier detection: nobody else looks at results"
  }

  step "ill" {
    say = "One replica fails every greeting. Its health still says SERVING."
    inject "errors" {
      target = one
      code   = 13
    }
  }
  step "seen" {
    wait = "2500ms"
  }
  step "look" {
    say  = "Does anybody act?"
    wait = "3s"
  }
  step "mend" {
    heal   = "ill"
    until  = balanced(replicas)
    within = "15s"
  }

  expect "the policy has seen enough after two sweeps" {
    max  = ceil(rate / replicas * seconds(2)) + ceil(rate / replicas * slack)
    of   = seen.failed
    unit = "RPC"
  }
  expect "and not before it has ten calls to judge by" {
    min  = 10
    of   = seen.failed
    unit = "RPC"
  }
  expect "while it is out, calls fail only when it is tried again" {
    max  = ceil(rate / replicas * seconds(1)) + ceil(rate / replicas * slack)
    of   = look.failed
    unit = "RPC"
  }
  expect "Consul is content all the time" {
    always = ill.entry == "passing"
  }
  expect "calls on the other replicas are not touched" {
    max  = 0
    of   = ill.failed_elsewhere
    unit = "RPC"
  }
}
