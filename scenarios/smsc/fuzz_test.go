package smsc

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Whatever a phone brings is taken or refused, and nothing of it comes to a sender
// that has no SIM and no bytes.
func FuzzBrought(f *testing.F) {
	for _, body := range []string{`{"iccid":"` + iccid + `"}`, `{"iccid":"` + iccid + `","imei":"359001020020017"}`, `{"iccid":"` + iccid + `","message":1,"tpdu":"AAAA","error":true}`,
		`{"iccid":"` + iccid + `","tpdu":"AQID"}`, `{"iccid":"1","tpdu":""}`, `[]`, `{"iccid":null}`, ``} {
		f.Add("attach", body)
		f.Add("report", body)
		f.Add("submit", body)
	}
	f.Fuzz(func(t *testing.T, what, body string) {
		c := New(func(_ context.Context, in Inbound) error {
			if !iccidForm.MatchString(in.From) || len(in.TPDU) == 0 || len(in.TPDU) > maxTPDU {
				t.Errorf("%+v came in", in)
			}
			return nil
		}, time.Now)
		c.Attached = func(_ context.Context, iccid, imei string) error {
			if !iccidForm.MatchString(iccid) || imei != "" && !imeiForm.MatchString(imei) {
				t.Errorf("%q in %q was switched on", iccid, imei)
			}
			return nil
		}
		r := httptest.NewRequest(http.MethodPost, "/sms/v1/x", strings.NewReader(body))
		w := httptest.NewRecorder()
		switch what {
		case "attach":
			c.attach(w, r)
		case "report":
			c.report(w, r)
		default:
			c.submit(w, r)
		}
		if w.Code != http.StatusNoContent && w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", what, w.Code)
		}
	})
}
