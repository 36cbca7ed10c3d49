package relyingparty

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
	"inkan/spec/req"
)

func TestLogin(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-008", "SPEC-RELYING-PARTY-009")
	w := newWorld(t)
	w.publish(t, says, says)
	p, der := w.party(t, Policy{}), w.leaf(t, 2, nil)
	s, err := p.Challenge("ログイン")
	if err != nil || s.Origin != "https://bank.example" || !s.Expiry.Equal(at.Add(5*time.Minute)) || s.Nonce == [32]byte{} {
		t.Fatalf("%+v, %v", s, err)
	}
	session, err := p.Login(t.Context(), answer(t, s, der))
	if err != nil || session.Kind != certificate.PhoneAuthentication || len(session.Evidence) != 1 || session.Name != "" {
		t.Fatal(session, err)
	}
	_, err = p.Login(t.Context(), answer(t, s, der))
	want(t, "the same response again", err, ChallengeUnknown)
	other, err := p.Challenge("ログイン")
	if err != nil || other.Nonce == s.Nonce {
		t.Error("two statements with one nonce", err)
	}
}

// TestBentLogins bends one thing of a response at a time, and sees that the
// statement is used up by it.
func TestBentLogins(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-008", "SPEC-RELYING-PARTY-009")
	w := newWorld(t)
	w.publish(t, says, says)
	der := w.leaf(t, 2, nil)
	altered := func(change func(*login.Statement)) func(*login.Statement) []byte {
		return func(s *login.Statement) []byte {
			other := *s
			change(&other)
			digest, err := other.Digest()
			if err != nil {
				t.Fatal(err)
			}
			return respond(t, s.Nonce, digest, der)
		}
	}
	for name, c := range map[string]struct {
		response func(*login.Statement) []byte
		code     Code
		used     bool
	}{
		"another origin": {altered(func(s *login.Statement) { s.Origin = "https://bank.example.evil.example" }), SignatureWrong, true},
		"another text":   {altered(func(s *login.Statement) { s.Text = "送金" }), SignatureWrong, true},
		"another expiry": {altered(func(s *login.Statement) { s.Expiry = s.Expiry.Add(time.Second) }), SignatureWrong, true},
		"another nonce":  {altered(func(s *login.Statement) { s.Nonce[0] ^= 1 }), SignatureWrong, true},
		"bare nonce":     {func(s *login.Statement) []byte { return respond(t, s.Nonce, sha256.Sum256(s.Nonce[:]), der) }, SignatureWrong, true},
		"signature": {func(s *login.Statement) []byte {
			b := answer(t, s, der)
			b[login.NonceLen+100] ^= 1
			return b
		}, SignatureWrong, true},
		"zero signature": {func(s *login.Statement) []byte {
			return (&login.Response{Nonce: s.Nonce, Certificate: der}).Append(nil)
		}, SignatureWrong, true},
		"certificate": {func(s *login.Statement) []byte { return answer(t, s, w.generation[2].Raw) }, CertificateMalformed, true},
		"unknown": {func(s *login.Statement) []byte {
			other := *s
			other.Nonce[31] ^= 1
			return answer(t, &other, der)
		}, ChallengeUnknown, false},
		"cut": {func(s *login.Statement) []byte { return answer(t, s, der)[:300] }, ResponseMalformed, false},
	} {
		p := w.party(t, Policy{})
		s, err := p.Challenge("ログイン")
		if err != nil {
			t.Fatal(err)
		}
		session, err := p.Login(t.Context(), c.response(s))
		if want(t, name, err, c.code); session != nil {
			t.Errorf("%s: a session with an error", name)
		}
		_, err = p.Login(t.Context(), answer(t, s, der))
		want(t, name+", then the good one", err, map[bool]Code{true: ChallengeUnknown}[c.used])
	}
}

func TestStatementExpires(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-008")
	w := newWorld(t)
	w.publish(t, says, says)
	for late, code := range map[time.Duration]Code{0: "", time.Nanosecond: ChallengeExpired} {
		now := at.Add(-5 * time.Minute)
		config := w.config(Policy{})
		config.Now = func() time.Time { return now }
		p, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Challenge("ログイン")
		if err != nil {
			t.Fatal(err)
		}
		now = at.Add(late)
		config.Policy.Skew = time.Minute
		_, err = p.Login(t.Context(), answer(t, s, w.leaf(t, 2, nil)))
		want(t, late.String(), err, code)
	}
}

func TestOnlyOneOfManyGetsAStatement(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-008")
	m := NewMemory(2, func() time.Time { return at })
	s := login.Statement{Nonce: [32]byte{1}, Expiry: at}
	if err := m.Put(s); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var got atomic.Int32
	for range 16 {
		group.Go(func() {
			if _, ok, _ := m.Take(s.Nonce); ok {
				got.Add(1)
			}
		})
	}
	group.Wait()
	if got.Load() != 1 {
		t.Errorf("%d took it", got.Load())
	}
}

func TestMemoryIsLimited(t *testing.T) {
	now := at
	m := NewMemory(2, func() time.Time { return now })
	put := func(n byte, expiry time.Time) error {
		return m.Put(login.Statement{Nonce: [32]byte{n}, Expiry: expiry})
	}
	if put(1, at) != nil || put(2, at.Add(time.Minute)) != nil || put(2, at) == nil {
		t.Fatal("putting")
	}
	want(t, "full", put(3, at), ChallengeUnknown)
	now = at.Add(time.Second)
	if err := put(3, at.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if _, ok, _ := m.Take([32]byte{1}); ok {
		t.Error("an expired statement was kept")
	}
}

func TestAccounts(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-050", "SPEC-RELYING-PARTY-051", "SPEC-RELYING-PARTY-052")
	w := newWorld(t)
	w.publish(t, says, says)
	config := w.config(Policy{})
	config.Accounts = new(Accounts)
	p, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	der := w.leaf(t, 2, nil)
	enter := func() (*Session, error) {
		s, err := p.Challenge("ログイン")
		if err != nil {
			t.Fatal(err)
		}
		return p.Login(t.Context(), answer(t, s, der))
	}
	_, err = enter()
	want(t, "first visit", err, AccountUnknown)
	session, err := p.Verify(t.Context(), der)
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Accounts.Register("hanako", session.Account); err != nil {
		t.Fatal(err)
	}
	if session, err := enter(); err != nil || session.Name != "hanako" {
		t.Error(session, err)
	}
	renewed := AccountKey{session.Account.Issuer, session.Account.Serial + "\x01"}
	_, err = config.Accounts.Recognise(renewed)
	want(t, "renewed", err, AccountUnknown)
	want(t, "another's", config.Accounts.Register("taro", session.Account), AccountUnknown)
	want(t, "renewal", config.Accounts.Register("hanako", renewed), "")
	want(t, "renewal again", config.Accounts.Register("hanako", renewed), "")
	_, err = enter()
	want(t, "the former certificate", err, AccountRetired)
	want(t, "going back", config.Accounts.Register("hanako", session.Account), AccountRetired)
	want(t, "another's former", config.Accounts.Register("taro", session.Account), AccountRetired)
	if same := (AccountKey{"x", session.Account.Serial}); same == session.Account {
		t.Error("the issuer does not count")
	}
}

func TestConfigurations(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*Config){
		"origin":     func(c *Config) { c.Origin = "http://bank.example" },
		"anchors":    func(c *Config) { c.Anchors = nil },
		"fetcher":    func(c *Config) { c.Fetch = nil },
		"statements": func(c *Config) { c.Statements = nil },
		"clock":      func(c *Config) { c.Now = nil },
		"randomness": func(c *Config) { c.Entropy = nil },
		"short life": func(c *Config) { c.Life = time.Second - 1 },
		"long life":  func(c *Config) { c.Life = login.MaxLife + 1 },
		"no kinds":   func(c *Config) { c.Kinds = nil },
		"kind":       func(c *Config) { c.Kinds = []certificate.Kind{certificate.OCSPResponder} },
		"method":     func(c *Config) { c.Policy.Methods = []Method{3} },
	} {
		config := w.config(Policy{})
		change(&config)
		if _, err := New(config); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if s, err := w.party(t, Policy{}).Challenge("a\u202Eb"); err == nil || s != nil {
		t.Error("a text that turns around is asked to be signed")
	}
	if errors.Is(fail(ListStale, ""), errors.New("")) {
		t.Error("an error is another")
	}
	if bytes.Equal(kiyose, mitaka) {
		t.Fatal("the test's names")
	}
}

//go:embed errors.go
var errorsSource string

// TestEveryCodeHasText reads the codes from the source.
func TestEveryCodeHasText(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-060")
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", errorsSource, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Code]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && strings.HasPrefix(literal.Value, `"RP-`) {
			code, _ := strconv.Unquote(literal.Value)
			if seen[Code(code)] {
				t.Errorf("%s stands twice", code)
			}
			seen[Code(code)] = true
		}
		return true
	})
	if len(seen) < 30 {
		t.Fatalf("%d codes", len(seen))
	}
	for code := range seen {
		text := code.Text()
		if text.Japanese == "" || text.English == "" || strings.Contains(text.English, "RP-") {
			t.Errorf("%s: %+v", code, text)
		}
	}
	for code := range texts {
		if !seen[code] {
			t.Errorf("%s has a text and is no code", code)
		}
	}
	if (Code("").Text() != Text{}) || (Code("RP-").Text() != Text{}) {
		t.Error("text without a code")
	}
}
