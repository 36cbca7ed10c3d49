package enrolment

import (
	"context"
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
)

// pem keeps a file in PEM.
func (r *Report) pem(name, label string, der []byte) {
	r.Files[name] = append(r.Files[name], pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})...)
}

// publish has the authority publish. With a label, what it says is kept in files,
// with the commands that verify it.
func (w *World) publish(ctx context.Context, label string) error {
	return w.step("authority", "publishes revocation lists, and makes OCSP answers", func(s *Step) error {
		lists, err := w.CA.PublishLists(ctx)
		if err != nil {
			return err
		}
		if err := w.CA.Produce(ctx); err != nil {
			return err
		}
		s.note("%d lists with %d entries", lists.Done, lists.Entries)
		if label == "" {
			return nil
		}
		for _, i := range w.CA.Issuers() {
			if err := w.keepLists(label, i); err != nil {
				return err
			}
		}
		return w.keepAnswers(ctx, label)
	})
}

// keepLists keeps the lists of a generation: the municipality's, and that of its
// own certificates.
func (w *World) keepLists(label string, i *status.Issuer) error {
	for _, partition := range []string{certificate.CAList, w.municipality().Partition()} {
		f, err := w.CA.Lists.Open(crl.Path(i.KeyID(), certificate.CRLPath(i.Authority, partition)))
		if err != nil {
			return err
		}
		der, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		w.report.pem(fmt.Sprintf("%s/%s-%02d.crl.pem", label, i.Authority, i.Generation), "X509 CRL", der)
		w.report.pem(fmt.Sprintf("%s/%s-%02d.trusted.pem", label, i.Authority, i.Generation), "X509 CRL", der)
	}
	w.report.pem(fmt.Sprintf("%s/%s-%02d.trusted.pem", label, i.Authority, i.Generation), "CERTIFICATE", i.Certificate.Raw)
	return nil
}

// keepAnswers asks for every phone's certificate by OCSP, and notes the commands.
func (w *World) keepAnswers(ctx context.Context, label string) error {
	at := w.Now()
	for _, i := range w.CA.Issuers() {
		if i.Authority != certificate.AuthenticationAuthority {
			continue
		}
		for turn := 1; turn <= w.enrolled; turn++ {
			c, err := w.report.certificate(fmt.Sprintf("phones/%d-auth.pem", turn))
			if err != nil {
				return err
			}
			question, err := ocsp.AppendRequest(nil, i.Certificate, crypto.SHA1, nil, c.Serial)
			if err != nil {
				return err
			}
			said, info := w.CA.Responder.Respond(ctx, nil, question)
			if info.Err != nil {
				return info.Err
			}
			w.report.Files[fmt.Sprintf("%s/%d-auth.ocsp", label, turn)] = said
		}
	}
	return w.confirm(ctx, label, at)
}
