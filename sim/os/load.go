package os

import (
	"crypto"
	"crypto/subtle"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
)

// loading is a load file on its way: its content is collected as it comes.
type loading struct {
	s         *session
	aid       gp.AID
	domain    domainID // that it will be associated with
	owner     gp.AID   // of that domain
	hash      []byte
	limit     int
	delegated bool
	token     []byte // identifier of the token
	reader    *gp.LoadFileReader
	daps      []gp.DAPBlock
	ciphered  bool
	icv       []byte
	content   []byte
}

// DAP keeps a signature for the end.
func (l *loading) DAP(d gp.DAPBlock) error {
	if len(l.daps) == 8 {
		return iso7816.NotEnoughMemory
	}
	d.Signature = append([]byte(nil), d.Signature...)
	l.daps = append(l.daps, d)
	return nil
}

// ICV keeps the initial value of a ciphered block.
func (l *loading) ICV(icv []byte) error {
	l.icv = append([]byte(nil), icv...)
	return nil
}

// Begin checks that the content can fit the memory.
func (l *loading) Begin(ciphered bool, sizeBytes int) error {
	if sizeBytes > l.limit {
		return iso7816.NotEnoughMemory
	}
	l.ciphered = ciphered
	return nil
}

// Content collects.
func (l *loading) Content(chunk []byte) error {
	l.content = append(l.content, chunk...)
	return nil
}

// forLoad is INSTALL [for load]. Spec: SPEC-UICC-OS-040, SPEC-UICC-OS-055.
func (s *session) forLoad(i *gp.Install, p *gp.InstallParameters, delegated bool, token []byte) error {
	c := s.d.card
	if c.inUse(i.LoadFile) {
		return iso7816.ConditionsNotSatisfied
	}
	target := s.d.entry()
	if !i.SecurityDomain.IsZero() {
		e, err := s.owns(i.SecurityDomain, 0)
		if err != nil {
			return err
		}
		if !e.isDomain() || e.own == authorityID || !accepts(e.domainParameters().AcceptExtradition) {
			return iso7816.ConditionsNotSatisfied
		}
		target = e
	}
	if _, ok := gp.HashOfSize(len(i.Hash)); len(i.Hash) > 0 && !ok {
		return iso7816.WrongData
	}
	limit := c.free()
	if c.cfg.MaxLoadBytes > 0 {
		limit = min(limit, c.cfg.MaxLoadBytes)
	}
	if !c.hasRoom(p.System, limit) {
		return iso7816.NotEnoughMemory
	}
	s.loading = &loading{s: s, aid: i.LoadFile, domain: target.own, owner: target.aid, hash: append([]byte(nil), i.Hash...), limit: limit,
		delegated: delegated, token: append([]byte(nil), token...)}
	s.loading.reader = gp.NewLoadFileReader(s.loading)
	return nil
}

// load is LOAD. The last one checks hash and signatures, stores and links the
// package. Spec: SPEC-UICC-OS-041, SPEC-UICC-OS-042.
func (s *session) load(dst []byte, cmd *apdu.Command) ([]byte, error) {
	block, err := gp.DecodeLoad(cmd)
	if err != nil {
		return dst, err
	}
	l := s.loading
	if l == nil {
		return dst, iso7816.ConditionsNotSatisfied
	}
	if err := l.reader.Add(&block); err != nil {
		s.loading, s.combined = nil, nil
		return dst, err
	}
	if !l.reader.Done() {
		return gp.AppendNoConfirmation(dst), nil
	}
	s.loading = nil
	if err := l.finish(); err != nil {
		s.combined = nil
		return dst, err
	}
	target, _ := s.d.card.domainEntry(l.domain)
	return s.confirm(dst, gp.LoadReceipt(l.aid, target.aid), l.delegated, l.token)
}

// finish makes a package of what has come: its entry first, which without the
// package counts for nothing.
func (l *loading) finish() error {
	c := l.s.d.card
	if l.ciphered {
		if err := l.decipher(); err != nil {
			return err
		}
	}
	hash, err := l.verify()
	if err != nil {
		return err
	}
	components, err := cap.SplitRaw(l.content)
	if err != nil {
		return err
	}
	file, err := cap.Parse(components)
	if err != nil {
		return err
	}
	if named, err := gp.NewAID(file.Header.Package.AID); err != nil || named != l.aid {
		return iso7816.WrongData
	}
	if !l.current() {
		return iso7816.ConditionsNotSatisfied
	}
	e := entry{aid: l.aid, kind: gp.KindLoadFile, state: gp.Loaded, domain: l.domain, hash: hash}
	if err := c.put(&e); err != nil {
		return err
	}
	if _, err = c.Card.Load(components); err != nil {
		c.forget(&e)
	}
	return err
}

// current tells whether what INSTALL [for load] found is so still: other logical
// channels may have taken the AID, or removed the domain. Spec: SPEC-UICC-OS-113.
func (l *loading) current() bool {
	d, ok := l.s.d.card.domainEntry(l.domain)
	return ok && (d.aid == l.owner || d.own == issuerID) && !l.s.d.card.inUse(l.aid)
}

// verify checks hash and signatures, and gives the SHA-256 of what has come, whatever
// was announced. Spec: SPEC-UICC-OS-042, SPEC-UICC-OS-043, SPEC-UICC-OS-144.
func (l *loading) verify() ([]byte, error) {
	c := l.s.d.card
	algorithm := crypto.SHA256
	if h, ok := gp.HashOfSize(len(l.hash)); ok {
		algorithm = h
	}
	hash := c.Engines().Hash(algorithm, nil, l.content)
	if len(l.hash) > 0 && subtle.ConstantTimeCompare(hash, l.hash) != 1 {
		return nil, iso7816.WrongData
	}
	signed := map[domainID]bool{}
	for i := range l.daps {
		d, ok := c.entry(l.daps[i].SecurityDomain)
		if !ok || !d.isDomain() || !d.privileges.Has(gp.DAPVerification) && !d.privileges.Has(gp.MandatedDAPVerification) {
			return nil, errToken
		}
		verifier := c.verifier(d.own, keys.UseDAPVerify, keys.UseDAP)
		if len(l.hash) == 0 || verifier == nil || !l.daps[i].Verify(l.hash, verifier) {
			return nil, errToken
		}
		signed[d.own] = true
	}
	for _, d := range c.list(func(e *entry) bool { return e.isDomain() }) {
		need := d.privileges.Has(gp.MandatedDAPVerification) || d.privileges.Has(gp.DAPVerification) && d.own == l.domain
		if need && !signed[d.own] {
			return nil, errToken
		}
	}
	if algorithm == crypto.SHA256 {
		return hash, nil
	}
	return c.Engines().Hash(crypto.SHA256, nil, l.content), nil
}
