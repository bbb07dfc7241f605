scenario "retry" {
  title   = "One replica fails every second call, and the client tries again"
  tier    = 1
  teaches = ["retry policy", "service config"]
  docs    = "docs/scenarios/retry.md"

  lesson = <<-EOT
    A retry policy turns a failure into a detour: the next attempt goes through the picker
    again, most likely to another replica. With one bad replica among N that fails a share p
    of its calls, an attempt fails with p/N, and all of k attempts with (p/N)^k.
  EOT
  watch  = "failures before and after --set attempts=3"

  topology {
    replicas = 3
  }
  load {
    rate     = 200
    attempts = 3
  }
  vary "attempts" {
    values = ["1", "3"]
    note   = "attempts of one call"
  }

  predict {
    ask     = "One of three replicas fails half of its calls. With three attempts, how many calls fail?"
    options = ["one in six", "one in a hundred", "fewer than one in two hundred"]
    answer  = "fewer than one in two hundred: (1/6)³ is 0.5 %"
  }

  step "break" {
    say = "One replica answers UNAVAILABLE to half of its greetings."
    inject "errors" {
      target = one
      ratio  = 0.5
      code   = 14
    }
    wait = "200ms"
  }
  step "look" {
    wait = "5s"
  }
  step "mend" {
    heal = "break"
    wait = "500ms"
  }

  expect "calls succeed as often as the formula says (and 4 standard deviations)" {
    min = 1 - pow(0.5 / replicas, attempts) - 4 * pow(pow(0.5 / replicas, attempts) / look.total, 0.5)
    of  = look.success
  }
  expect "a call takes no more attempts than the geometric sum" {
    max = min(attempts, (1 + 4 * pow(0.5 / replicas / look.total, 0.5)) / (1 - 0.5 / replicas))
    of  = look.attempts_per_call
  }
  expect "no RPC fails elsewhere" {
    max  = 0
    of   = break.failed_elsewhere
    unit = "RPC"
  }
}
