package registry

import "inkan/ca/registry/record"

// mayOrder checks that a phone, which is one application's, has fewer orders than
// it may have: each of them can leave a revoked certificate, which a list then has
// for years. Spec: SPEC-CA-LIFECYCLE-093.
func (a *act) mayOrder(phone record.PhoneID, most int) error {
	if most == 0 {
		return nil
	}
	err := a.ScanPrefix(record.OrdersOf.Key(phone[:]), func([]byte, []byte) error {
		if most--; most == 0 {
			return refuse(TooManyOrders)
		}
		return nil
	})
	return err
}
