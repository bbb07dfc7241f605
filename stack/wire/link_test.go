package wire

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second // a failure's bound, never a measurement

// server accepts connections and hands them out.
func server(t testing.TB) (addr string, accepted <-chan *net.TCPConn) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conns := make(chan *net.TCPConn, 64)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := lis.Accept()
			if err != nil {
				return
			}
			conns <- c.(*net.TCPConn)
		}
	})
	t.Cleanup(func() { lis.Close(); serving.Wait() })
	return lis.Addr().String(), conns
}

func link(t testing.TB, target string) *Link {
	t.Helper()
	l, err := Listen(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// pair is one connection through a link, seen from both ends.
func pair(t testing.TB) (l *Link, client, far *net.TCPConn) {
	t.Helper()
	addr, accepted := server(t)
	l = link(t, addr)
	client = dial(t, l.Addr())
	far = <-accepted
	t.Cleanup(func() { far.Close() })
	far.SetDeadline(time.Now().Add(patience))
	return l, client, far
}

// set makes f the only fault of a direction.
func set(_ testing.TB, l *Link, d Direction, f Fault) { l.faults[d].set(f) }

func TestFaultsAddUpAndHealApart(t *testing.T) {
	l, client, far := pair(t)
	var heal [3]func()
	for i, f := range []Fault{{Latency: time.Hour, CutAfter: 9}, {Hold: true, Bandwidth: 5}, {Latency: time.Hour, Bandwidth: 7, CutAfter: 4}} {
		var err error
		if heal[i], err = l.Add(Up, f); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := l.faults[Up].get(); got != (Fault{Latency: 2 * time.Hour, Hold: true, Bandwidth: 5, CutAfter: 4}) {
		t.Errorf("together they are %+v", got)
	}
	heal[2]()
	if got, _ := l.faults[Up].get(); got != (Fault{Latency: time.Hour, Hold: true, Bandwidth: 5, CutAfter: 9}) {
		t.Errorf("without the last they are %+v", got)
	}
	heal[0]()
	heal[0]()
	heal[1]()
	say(t, client, "healed")
	hear(t, far, "healed")
	if _, err := l.Add(Down, Fault{Latency: -1}); err == nil {
		t.Error("a negative latency was taken")
	}
}

func say(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("heard %q, %v; want %q", got[:n], err, want)
	}
}

// silent fails when c hears anything, an end included, for a moment.
func silent(t testing.TB, c net.Conn) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	defer c.SetReadDeadline(time.Now().Add(patience))
	if n, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("heard %d bytes, %v; want silence", n, err)
	}
}

func TestAHealthyLinkPassesEverythingOn(t *testing.T) {
	l, client, far := pair(t)
	say(t, client, "there")
	hear(t, far, "there")
	say(t, far, "and back")
	hear(t, client, "and back")
	client.CloseWrite()
	if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("a half-close came as %d, %v", n, err)
	}
	say(t, far, "still")
	hear(t, client, "still")
	if l.Bytes(Up) != 5 || l.Bytes(Down) != 13 || l.Open() != 1 {
		t.Errorf("counted %d up, %d down, %d open", l.Bytes(Up), l.Bytes(Down), l.Open())
	}
	abort(far)
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the target's reset came as %v", err)
	}
}

func TestHoldIsSilenceInOneDirection(t *testing.T) {
	l, client, far := pair(t)
	set(t, l, Up, Fault{Hold: true})
	say(t, client, "lost?")
	client.CloseWrite()
	silent(t, far)
	say(t, far, "the other way is open")
	hear(t, client, "the other way is open")
	set(t, l, Up, Fault{})
	hear(t, far, "lost?")
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the end came as %v", err)
	}
}

func TestHoldIsThereForNewConnections(t *testing.T) {
	addr, accepted := server(t)
	l := link(t, addr)
	set(t, l, Up, Fault{Hold: true})
	set(t, l, Down, Fault{Hold: true})
	client := dial(t, l.Addr())
	say(t, client, "anybody?")
	far := <-accepted
	defer far.Close()
	say(t, far, "me")
	silent(t, client)
	set(t, l, Up, Fault{})
	set(t, l, Down, Fault{})
	hear(t, far, "anybody?")
	hear(t, client, "me")
}

func TestAPeerThatVanishesSendsNoFarewell(t *testing.T) {
	l, client, far := pair(t)
	set(t, l, Up, Fault{Hold: true})
	set(t, l, Down, Fault{Hold: true})
	abort(far)
	silent(t, client)
	set(t, l, Down, Fault{})
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after the heal the end came as %v", err)
	}
}

// A refusal of the target is an end like any other: it does not get through what is held.
func TestNobodyIsThereBehindAHole(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := link(t, lis.Addr().String())
	lis.Close()
	set(t, l, Down, Fault{Hold: true})
	client := dial(t, l.Addr())
	silent(t, client)
	set(t, l, Down, Fault{})
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after the heal the end came as %v", err)
	}
}

func TestResetIsOnceForAllOpen(t *testing.T) {
	l, client, far := pair(t)
	if n := l.Reset(); n != 1 {
		t.Errorf("reset %d connections", n)
	}
	for who, c := range map[string]net.Conn{"dialer": client, "target": far} {
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the %s saw %v", who, err)
		}
	}
	say(t, dial(t, l.Addr()), "a new one works")
}

func TestRefuseIsTheKernels(t *testing.T) {
	l, client, far := pair(t)
	for range 2 {
		if err := l.Refuse(true); err != nil {
			t.Fatal(err)
		}
		if c, err := net.Dial("tcp", l.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("dialed %v, %v", c, err)
		}
		say(t, client, "open ones go on")
		hear(t, far, "open ones go on")
		if _, err := net.Listen("tcp", l.Addr()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("somebody else could have the port: %v", err)
		}
		if err := l.Refuse(false); err != nil {
			t.Fatal(err)
		}
		dial(t, l.Addr())
	}
}

func TestStallIsAcceptedAndSilent(t *testing.T) {
	addr, accepted := server(t)
	l := link(t, addr)
	l.Stall(true)
	client := dial(t, l.Addr())
	say(t, client, "hello?")
	silent(t, client)
	if len(accepted) != 0 {
		t.Fatal("the target was reached")
	}
	l.Stall(false)
	far := <-accepted
	defer far.Close()
	far.SetDeadline(time.Now().Add(patience))
	hear(t, far, "hello?")
}

func TestCutComesAfterExactlySoManyBytes(t *testing.T) {
	l, client, far := pair(t)
	say(t, far, "before")
	hear(t, client, "before")
	set(t, l, Down, Fault{CutAfter: 1000})
	say(t, client, "the other way does not count")
	hear(t, far, "the other way does not count")
	var sending sync.WaitGroup
	sending.Go(func() { far.Write(make([]byte, 5000)) })
	got, err := io.ReadAll(client)
	sending.Wait()
	if len(got) != 1000 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("heard %d bytes, %v; want 1000 and a reset", len(got), err)
	}
}

func TestLatencyIsNotLessThanAsked(t *testing.T) {
	l, client, far := pair(t)
	const latency = 100 * time.Millisecond
	set(t, l, Up, Fault{Latency: latency})
	began := time.Now()
	say(t, client, "ping")
	hear(t, far, "ping")
	if took := time.Since(began); took < latency {
		t.Errorf("arrived after %s", took)
	}
	say(t, far, "pong") // the way back has none; seen by what arrives before a later ping
	hear(t, client, "pong")
	set(t, l, Up, Fault{Latency: time.Hour})
	say(t, client, "never?")
	silent(t, far)
	set(t, l, Up, Fault{})
	hear(t, far, "never?")
}

func TestBandwidthIsNotMoreThanAsked(t *testing.T) {
	l, client, far := pair(t)
	set(t, l, Up, Fault{Bandwidth: 100_000})
	began := time.Now()
	say(t, client, string(make([]byte, 20_000)))
	hear(t, far, string(make([]byte, 20_000)))
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("20 kB at 100 kB/s took %s", took)
	}
}

func TestNoBytesAreLostWhileFaultsComeAndGo(t *testing.T) {
	l, client, far := pair(t)
	const size = 4 << 20
	done := make(chan struct{})
	var playing sync.WaitGroup
	playing.Go(func() {
		faults := []Fault{{}, {Latency: 3 * time.Millisecond, Jitter: 3 * time.Millisecond}, {Hold: true}, {Bandwidth: 50 << 20}, {Jitter: time.Millisecond}}
		for {
			for _, d := range []Direction{Up, Down} {
				l.faults[d].set(faults[rand.IntN(len(faults))])
			}
			select {
			case <-done:
				l.faults[Up].set(Fault{})
				l.faults[Down].set(Fault{})
				return
			case <-time.After(time.Duration(rand.IntN(4)) * time.Millisecond):
			}
		}
	})
	var moving sync.WaitGroup
	for _, way := range [][2]*net.TCPConn{{client, far}, {far, client}} {
		seed := [32]byte{byte(len(way))}
		moving.Go(func() {
			if _, err := io.CopyN(way[0], rand.NewChaCha8(seed), size); err != nil {
				t.Errorf("send: %v", err)
			}
			way[0].CloseWrite()
		})
		moving.Go(func() {
			got, want := sha256.New(), sha256.New()
			n, err := io.Copy(got, way[1])
			io.CopyN(want, rand.NewChaCha8(seed), size)
			if n != size || err != nil || !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
				t.Errorf("%d of %d bytes arrived, %v, the same: %v", n, size, err, bytes.Equal(got.Sum(nil), want.Sum(nil)))
			}
		})
	}
	moving.Wait()
	close(done)
	playing.Wait()
}

func TestCloseEndsWhatIsHeld(t *testing.T) {
	l, client, _ := pair(t)
	set(t, l, Up, Fault{Hold: true})
	say(t, client, "held")
	l.Stall(true)
	dial(t, l.Addr())
	l.Close()
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlived its link")
	}
	if n := l.Open(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	_, client, far := pair(b)
	var echoing sync.WaitGroup
	echoing.Go(func() { io.Copy(far, far) })
	word := make([]byte, 64)
	for b.Loop() {
		client.Write(word)
		if _, err := io.ReadFull(client, word); err != nil {
			b.Fatal(err)
		}
	}
	client.CloseWrite()
	echoing.Wait()
}
