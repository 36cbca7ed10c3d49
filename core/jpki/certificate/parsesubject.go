package certificate

// readSubject checks the subject's form and takes out of it what it has.
func (c *Certificate) readSubject(at *cursor) error {
	n := c.Subject
	fail := func() error {
		return at.fault("subject", "the form of a certificate for "+c.Kind.String(), "another")
	}
	switch {
	case c.Kind.CA():
		if !n.Equal(c.Authority.Name()) {
			return fail()
		}
	case c.Kind == OCSPResponder:
		if !n.Equal(c.Authority.ResponderName()) {
			return fail()
		}
	case c.Kind.Authority() == AuthenticationAuthority:
		if len(n) != 2 || n[0] != (Attribute{Country, "JP"}) || n[1].Type != CommonName {
			return fail()
		}
		parts := authenticationSubject.FindStringSubmatch(n[1].Value)
		if parts == nil {
			return fail()
		}
		c.Identifier, c.Area = parts[1], parts[2]
	default:
		if len(n) != 4 || n[0] != (Attribute{Country, "JP"}) || n[3].Type != CommonName ||
			!n[:3].Equal(Name{n[0], {Locality, n[1].Value}, {Locality, n[2].Value}}) || n[1].Value+"/"+n[2].Value != c.Partition {
			return fail()
		}
		parts := signatureSubject.FindStringSubmatch(n[3].Value)
		if parts == nil {
			return fail()
		}
		c.Area = parts[2]
	}
	return nil
}
