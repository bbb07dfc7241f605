scenario "tag-flip" {
  title   = "Blue and green: a tag moves the traffic"
  tier    = 1
  teaches = ["tags", "blue/green deployment", "rollback"]
  docs    = "docs/scenarios/tag-flip.md"

  lesson = <<-EOT
    The client asks for replicas with the tag "live". New ones can register, warm up and be
    tested without it; moving the tag moves the traffic, and moving it back is the rollback.
    Nobody restarts, no connection is cut: calls in flight end where they began.
  EOT
  watch  = "four replicas pass in Consul, two are in the picker, and then the two others"

  topology {
    replicas = 2
    tags     = "live,live,next,next"
    query    = "tag=live"
  }
  load {
    rate = 200
  }

  predict {
    ask     = "How many calls fail when the tag moves from two replicas to two others?"
    options = ["none", "those in flight", "those of a check interval"]
    answer  = "none: the old connections drain while the new ones take over"
  }

  step "green" {
    say   = "Two more replicas, without the tag. They pass, and nobody calls."
    scale = 2 * replicas
    wait  = "1s"
  }
  step "tag" {
    say = "The newcomers get the tag, too: now four are live."
    inject "tag" {
      target = ["greeter-3", "greeter-4"]
      to     = "live"
    }
    until  = balanced(2 * replicas)
    within = "6s"
  }
  step "flip" {
    say = "The old ones lose it."
    inject "tag" {
      target = ["greeter-1", "greeter-2"]
      to     = "old"
    }
    until  = balanced(replicas)
    within = "6s"
  }
  step "look" {
    wait = "1s"
  }
  step "rollback" {
    say    = "And back."
    heal   = "flip"
    until  = balanced(2 * replicas)
    within = "6s"
  }
  step "untag" {
    heal   = "tag"
    until  = balanced(replicas)
    within = "6s"
  }
  step "shrink" {
    scale = replicas
    wait  = "500ms"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "nobody calls a replica without the tag" {
    max  = replicas
    of   = max(green.used, look.used)
    unit = "replica"
  }
  expect "all pass meanwhile" {
    min  = 2 * replicas
    of   = look.passing
    unit = "replica"
  }
  expect "the newcomers join at once" {
    within = slack
    of     = tag.joined
  }
  expect "the resolver drops the old ones at once" {
    within = slack
    of     = flip.t5
  }
  expect "the channel sends them nothing more" {
    within = slack + 1 / rate
    of     = flip.t6
  }
}
