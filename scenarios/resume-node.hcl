scenario "resume-node" {
  title   = "A replica wakes up again"
  tier    = 1
  teaches = ["success_before_passing", "late answers"]
  docs    = "docs/scenarios/resume-node.md"

  lesson = <<-EOT
    A process that goes on after a pause finds requests whose callers have long given up:
    its answers count for nothing. It is trusted again after the next good check, or after
    as many good checks in a row as success_before_passing asks for.
  EOT
  watch  = "the time between SIGCONT and the first call on the replica: one check interval each"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate     = 200
    deadline = "1s"
  }
  vary "success_before_passing" {
    values = ["1", "3"]
    note   = "good checks in a row before Consul trusts a replica again"
  }

  predict {
    ask     = "How long does the replica stay out after SIGCONT?"
    options = ["no time: its connection never broke", "up to one check interval", "until somebody registers it again"]
    answer  = "up to one check interval: the resolver took it out, and only a good check brings it back"
  }

  step "pause" {
    say = "SIGSTOP, until the resolver has heard of it."
    inject "pause" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "8s"
  }
  step "look" {
    say    = "The last calls that went to ${victims} run into their deadlines."
    until  = settled(replicas - 1)
    within = "6s"
    wait   = "750ms"
  }
  step "resume" {
    say    = "SIGCONT: ${victims} goes on where it stood."
    heal   = "pause"
    until  = balanced(replicas)
    within = "12s"
  }

  expect "it is picked again after the good checks it needs" {
    within = successes * interval + slack
    of     = resume.joined - resume.healed
  }
  expect "no call fails on the way back" {
    max  = 0
    of   = resume.failed
    unit = "RPC"
  }
  expect "it answers as soon as it is picked" {
    within = slack + replicas / rate
    of     = resume.answered - resume.joined
  }
  expect "it gets its full share" {
    max  = channels
    of   = verify.spread
    unit = "pick"
  }
}
