scenario "check-matrix" {
  title   = "Four kinds of health check, three ways to be ill"
  tier    = 1
  teaches = ["passive and active checks", "what each check proves"]
  docs    = "docs/scenarios/check-matrix.md"

  lesson = <<-EOT
    A TCP check proves that a kernel accepts connections. An HTTP or gRPC check proves that
    the process can answer. A TTL check proves that the process can speak. None is right or
    wrong: each finds some illnesses and is blind for others.
  EOT
  watch  = "which of the four entries turns critical, and when: grpc, http, tcp, ttl in the order of the replicas"

  topology {
    replicas = 5
    checks   = "grpc,http,tcp,ttl"
    interval = "1s"
    timeout  = "500ms"
    ttl      = "2s"
  }
  load {
    rate     = 50
    deadline = "500ms"
  }

  predict {
    ask     = "Which check does not notice that its process was stopped with SIGSTOP?"
    options = ["grpc", "http", "tcp", "ttl"]
    answer  = "tcp: the kernel goes on accepting connections for the process"
  }

  step "kill" {
    say = "SIGKILL four of five: greeter-1 has a grpc check, 2 http, 3 tcp, 4 ttl."
    inject "kill" {
      target = ["greeter-1", "greeter-2", "greeter-3", "greeter-4"]
    }
    until  = passing(1)
    within = "6s"
  }
  step "restart" {
    heal   = "kill"
    until  = balanced(replicas)
    within = "8s"
  }
  step "pause" {
    say = "SIGSTOP the same four."
    inject "pause" {
      target = ["greeter-1", "greeter-2", "greeter-3", "greeter-4"]
    }
    until  = passing(2)
    within = "6s"
    wait   = "500ms"
  }
  step "resume" {
    heal   = "pause"
    until  = balanced(replicas)
    within = "8s"
  }
  step "ill" {
    say = "The same four say NOT_SERVING to whoever asks, and answer every greeting."
    inject "not-serving" {
      target = ["greeter-1", "greeter-2", "greeter-3", "greeter-4"]
    }
    until  = passing(3)
    within = "6s"
    wait   = "2250ms"
  }
  step "well" {
    heal   = "ill"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "SIGKILL: the grpc check finds it" {
    within = failures * interval + slack
    of     = kill.noticed.greeter-1
  }
  expect "SIGKILL: the http check finds it" {
    within = failures * interval + slack
    of     = kill.noticed.greeter-2
  }
  expect "SIGKILL: the tcp check finds it" {
    within = failures * interval + slack
    of     = kill.noticed.greeter-3
  }
  expect "SIGKILL: the ttl runs out" {
    within = ttl + slack
    of     = kill.noticed.greeter-4
  }
  expect "SIGKILL: and not before" {
    min  = ttl - ttl / 3 - slack
    of   = kill.noticed.greeter-4
    unit = "s"
  }
  expect "SIGSTOP: the grpc check times out" {
    within = failures * (interval + timeout) + slack
    of     = pause.noticed.greeter-1
  }
  expect "SIGSTOP: the http check times out" {
    within = failures * (interval + timeout) + slack
    of     = pause.noticed.greeter-2
  }
  expect "SIGSTOP: the tcp check never notices" {
    always = pause.noticed.greeter-3 == null
  }
  expect "SIGSTOP: the ttl runs out" {
    within = ttl + slack
    of     = pause.noticed.greeter-4
  }
  expect "NOT_SERVING: the grpc check is told" {
    within = failures * interval + slack
    of     = ill.noticed.greeter-1
  }
  expect "NOT_SERVING: the http check is told" {
    within = failures * interval + slack
    of     = ill.noticed.greeter-2
  }
  expect "NOT_SERVING: the tcp check never notices" {
    always = ill.noticed.greeter-3 == null
  }
  expect "NOT_SERVING: the ttl check never notices" {
    always = ill.noticed.greeter-4 == null
  }
  expect "NOT_SERVING: no RPC fails" {
    max  = 0
    of   = ill.failed
    unit = "RPC"
  }
}
