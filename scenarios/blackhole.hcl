scenario "blackhole" {
  title   = "A link swallows everything, and nobody is told"
  tier    = 2
  teaches = ["half-open connections", "keepalive", "the catalog may be green and wrong"]
  docs    = "docs/scenarios/blackhole.md"
  limit   = "90s"

  lesson = <<-EOT
    A connection that goes nowhere looks like one where nobody has anything to say. Consul
    reaches the replica on its own way and is content; the channel keeps sending a third of
    the calls into the hole until each meets its deadline. Only a question that demands an
    answer tells the two apart: keepalive pings, whose floor in grpc is ten seconds.
  EOT
  watch  = "a green catalog, a READY subchannel, and a third of the calls red"

  topology {
    replicas          = 3
    links             = true
    keepalive         = "10s"
    keepalive_timeout = "1s"
  }
  load {
    rate     = 60
    deadline = "500ms"
  }
  vary "keepalive" {
    values = ["10s", "0s"]
    note   = "0s is grpc's default: never"
  }

  predict {
    ask     = "One replica's link swallows everything; Consul reaches the replica on another. Who finds out without keepalive?"
    options = ["the channel, after a second", "Consul's check", "nobody, while the hole is there"]
    answer  = "nobody: TCP would give up after many minutes"
  }

  step "hole" {
    say = "Nothing gets through to one replica any more, and nothing comes back. No FIN, no RST."
    inject "link-blackhole" {
      target = one
    }
    wait = "14s"
  }
  step "mend" {
    heal   = "hole"
    until  = balanced(replicas)
    within = "10s"
  }
  step "look" {
    wait = "1s"
  }

  expect "a keepalive ping that nobody answers ends the connection" {
    within = keepalive + keepalive_timeout + 2 * slack
    of     = keepalive == 0 ? 0 : hole.t2
  }
  expect "without keepalive the channel never finds out" {
    always = keepalive > 0 || hole.t2 == null
  }
  expect "calls are lost for as long as nobody knows" {
    max  = ceil(rate / replicas * min(hole.length, keepalive == 0 ? hole.length : keepalive + keepalive_timeout + 2 * slack)) + 2
    of   = hole.failed
    unit = "RPC"
  }
  expect "and no less: deadlines are all that ends them" {
    min  = floor(rate / replicas * (min(hole.length, keepalive == 0 ? hole.length : keepalive) - deadline)) - ceil(rate / replicas * slack)
    of   = hole.failed
    unit = "RPC"
  }
  expect "Consul sees a healthy replica all the time" {
    always = hole.entry == "passing"
  }
  expect "calls on the other replicas are not touched" {
    max  = 0
    of   = hole.failed_elsewhere
    unit = "RPC"
  }
}
