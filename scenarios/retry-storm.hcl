scenario "retry-storm" {
  title   = "Everybody fails, and every client tries again"
  tier    = 1
  teaches = ["retry amplification", "retry throttling"]
  docs    = "docs/scenarios/retry-storm.md"

  lesson = <<-EOT
    Retries help against the failure of one and hurt in the failure of all: each call becomes
    as many as the policy allows, just when the servers can bear it least. Throttling gives
    the channel a budget: while most attempts fail, a call is tried once.
  EOT
  watch  = "attempts per call, with --set throttle=true and without"

  topology {
    replicas = 3
  }
  load {
    rate     = 200
    attempts = 4
    throttle = false
  }
  vary "throttle" {
    values = ["false", "true"]
    note   = "retry throttling with 10 tokens, 0.1 back per success"
  }

  predict {
    ask     = "Every replica fails every call, and the policy allows four attempts. How much load do the servers see?"
    options = ["the offered 200 per second", "400 per second", "800 per second"]
    answer  = "800 per second: each call is tried four times, in vain"
  }

  step "break" {
    say = "Every replica answers UNAVAILABLE to everything."
    inject "errors" {
      target = all
      code   = 14
    }
    wait = "500ms"
  }
  step "look" {
    wait = "2s"
  }
  step "mend" {
    heal = "break"
    wait = "500ms"
  }

  expect "every call is tried as often as allowed, or once under throttling" {
    max  = throttle > 0 ? 1 : attempts
    of   = look.attempts_per_call
    unit = "attempt"
  }
  expect "and no less" {
    min  = throttle > 0 ? 1 : attempts
    of   = look.attempts_per_call
    unit = "attempt"
  }
  expect "it helps nobody" {
    max = 0
    of  = look.success
  }
  expect "replicas stay in the picker: they answer, if only with errors" {
    min  = replicas
    of   = look.least
    unit = "replica"
  }
}
