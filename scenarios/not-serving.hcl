scenario "not-serving" {
  title   = "A replica says that it does not want work"
  tier    = 1
  teaches = ["client-side health checking", "push and poll"]
  docs    = "docs/scenarios/not-serving.md"

  lesson = <<-EOT
    The same word reaches the client on two ways: Consul asks once per interval and the
    resolver hears of it; a client with a healthCheckConfig watches the replica itself and
    is told at once. No RPC fails either way, because the replica goes on answering.
  EOT
  watch  = "the time until the replica leaves the picker: milliseconds or a check interval"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
  }
  load {
    rate         = 200
    health_check = true
  }
  vary "health_check" {
    values = ["true", "false"]
    note   = "whether the client watches grpc.health.v1 itself"
  }

  predict {
    ask     = "The client watches the replica's health itself. How soon does the replica leave the picker?"
    options = ["in milliseconds", "at Consul's next check", "when a call fails"]
    answer  = "in milliseconds: the replica pushes the change over an open stream"
  }

  step "refuse" {
    say = "The replica's health turns to NOT_SERVING."
    inject "not-serving" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "6s"
  }
  step "look" {
    wait = "1s"
  }
  step "serve" {
    heal   = "refuse"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the replica leaves the picker" {
    within = health_check == 1 ? slack / 2 : failures * interval + slack
    of     = refuse.left
  }
  expect "Consul and the resolver hear of it at the next check" {
    within = failures * interval + slack
    of     = refuse.t5
  }
  expect "it comes back at the next check" {
    within = successes * interval + slack
    of     = serve.joined - serve.healed
  }
  expect "the entry stays in the catalog, critical" {
    always = refuse.entry == "critical"
  }
}
