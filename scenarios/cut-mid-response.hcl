scenario "cut-mid-response" {
  title   = "Answers break off in the middle"
  tier    = 2
  teaches = ["committed RPCs", "what a retry policy may repeat"]
  docs    = "docs/scenarios/cut-mid-response.md"

  lesson = <<-EOT
    The connection to one replica is reset each time some bytes have come back. Calls that
    have not seen the first byte of an answer may be tried again elsewhere by a retry
    policy; one whose headers have arrived is committed, and its failure is the caller's.
  EOT
  watch  = "a subchannel that comes and goes several times a second, and how few calls fail"

  topology {
    replicas = 3
    links    = true
  }
  load {
    rate     = 100
    attempts = 1
  }
  vary "attempts" {
    values = ["1", "3"]
    note   = "a retry cannot repeat a call that has begun to be answered"
  }

  predict {
    ask     = "Each connection to one replica is reset after 300 bytes of answers. Does the channel stop using it?"
    options = ["yes, after the first reset", "yes, after a few", "no"]
    answer  = "no: each new connection works, so there is no backoff and no memory of the last"
  }

  step "cut" {
    say = "From now on each connection to one replica is reset when 300 more bytes have come back."
    inject "link-cut" {
      target    = one
      path      = "client"
      direction = "down"
      after     = 300
    }
    wait = "5s"
  }
  step "mend" {
    heal   = "cut"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "the channel connects again and again" {
    min  = 5
    of   = cut.connects
    unit = "connection"
  }
  expect "each reset costs about one call; with attempts left, most of them find another way" {
    max  = attempts > 1 ? cut.connects / 2 : cut.connects * 3 / 2 + 5
    of   = cut.failed
    unit = "RPC"
  }
  expect "calls on the other replicas are not touched" {
    max  = 0
    of   = cut.failed_elsewhere
    unit = "RPC"
  }
  expect "the victim goes on getting calls" {
    min = 0.5 / replicas
    of  = cut.victim_share
  }
  expect "Consul does not hear of it" {
    always = cut.entry == "passing"
  }
}
