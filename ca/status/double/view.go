package double

import (
	"slices"
	"time"

	"inkan/core/jpki/certificate"
)

// view is a snapshot: the table is never changed, only replaced.
type view struct {
	at   time.Time
	rows rows
}

func (v *view) At() time.Time { return v.at }

func (v *view) Status(ca certificate.Authority, serial uint64) (certificate.CertificateStatus, bool, error) {
	at, found := find(v.rows[ca], serial)
	if !found {
		return certificate.CertificateStatus{}, false, nil
	}
	return v.rows[ca][at].CertificateStatus, true, nil
}

func (v *view) Revoked(ca certificate.Authority, partition string, each func(uint64, time.Time, certificate.Reason) error) error {
	for _, row := range v.rows[ca] {
		if row.Partition != partition || row.State != certificate.Suspended && row.State != certificate.Revoked {
			continue
		}
		if err := each(row.Serial, row.Since, row.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) Partitions(ca certificate.Authority, each func(string) error) error {
	seen := map[string]bool{}
	for _, row := range v.rows[ca] {
		seen[row.Partition] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := each(name); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) Certificates(ca certificate.Authority, from uint64, each func(certificate.CertificateStatus) error) error {
	at, _ := find(v.rows[ca], from)
	for _, row := range v.rows[ca][at:] {
		if err := each(row.CertificateStatus); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) Close() error { return nil }
