package enrolment

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"inkan/core/jpki/certificate"
)

// confirm notes the commands for what has been issued up to a publication.
func (w *World) confirm(ctx context.Context, label string, at time.Time) error {
	view, err := w.CA.Registry().Snapshot(ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	for _, name := range slices.Sorted(maps.Keys(w.report.Files)) {
		if !strings.HasSuffix(name, "-auth.pem") && !strings.HasSuffix(name, "-sign.pem") {
			continue
		}
		c, err := w.report.certificate(name)
		if err != nil {
			return err
		}
		state, known, err := view.Status(c.Authority, c.Serial)
		if err != nil || !known {
			return fmt.Errorf("%s: unknown to the registry: %w", name, err)
		}
		w.report.verify(label, name, c, state, at)
		if strings.HasPrefix(name, "phones/") {
			w.report.ask(label, name, state, at)
		}
	}
	if label != "last" {
		w.report.application(label, w.applied, at)
	}
	if label == "first" {
		w.report.login()
	}
	return nil
}

// verify is the command about a certificate and the lists.
func (r *Report) verify(label, name string, c *certificate.Certificate, state certificate.CertificateStatus, at time.Time) {
	line := fmt.Sprintf("openssl verify -CAfile ca/%s-01.pem -CRLfile %s/%s-01.crl.pem -crl_check_all -attime %d -x509_strict", c.Authority, label, c.Authority, at.Unix())
	if c.Authority == certificate.SignatureAuthority {
		line += " -purpose any"
	}
	says := name + ": OK"
	if state.State != certificate.Active {
		says = "certificate revoked"
	}
	r.Commands = append(r.Commands, Command{line + " " + name, says, state.State == certificate.Active})
}

// ask is the command about a certificate and the answer by OCSP. Answers last an
// hour; openssl is told to take this one later, too.
func (r *Report) ask(label, name string, state certificate.CertificateStatus, at time.Time) {
	answer := fmt.Sprintf("%s/%s.ocsp", label, strings.TrimSuffix(filepath.Base(name), ".pem"))
	line := fmt.Sprintf("openssl ocsp -issuer ca/auth-01.pem -CAfile ca/auth-01.pem -attime %d -validity_period 2000000000 -no_nonce -respin %s -cert %s", at.Unix(), answer, name)
	says := name + ": good"
	if state.State != certificate.Active {
		says = name + ": revoked"
	}
	r.Commands = append(r.Commands, Command{line, says, true})
}

// application is the command about what was signed with the card last: cms has no
// option for lists, and takes them from the file of the authority.
func (r *Report) application(label string, number int, at time.Time) {
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		if strings.HasPrefix(name, fmt.Sprintf("applications/%d-", number)) {
			r.Commands = append(r.Commands, Command{fmt.Sprintf("openssl cms -verify -binary -cades -inform DER -purpose any -CAfile %s/sign-01.trusted.pem -crl_check_all -attime %d -in %s -out %s.der",
				label, at.Unix(), name, strings.TrimSuffix(name, ".p7m")), "CAdES Verification successful", true})
		}
	}
}

// login is the commands about the signature of the login that comes next.
func (r *Report) login() {
	r.Commands = append(r.Commands, Command{"openssl x509 -in phones/1-auth.pem -noout -pubkey -out phones/1-auth.key.pem", "", true},
		Command{"openssl dgst -sha256 -verify phones/1-auth.key.pem -signature logins/1-signature.bin logins/1-statement.bin", "Verified OK", true})
}

// Save writes all files below a folder, which it makes.
func (r *Report) Save(folder string) error {
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, r.Files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
