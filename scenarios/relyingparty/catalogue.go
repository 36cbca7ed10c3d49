package relyingparty

import "strings"

// Text is what a user reads about a failed login: what happened, and what to do.
type Text struct{ Japanese, English string }

// texts are by code; a code without its own has its group's, the first digit.
var texts = map[Code]Text{
	ChallengeUnknown:       {"ログインの受付が見つかりません。もう一度はじめからお試しください。", "This login was not found. Please begin again."},
	ChallengeExpired:       {"ログインの受付時間を過ぎました。もう一度はじめからお試しください。", "This login took too long. Please begin again."},
	CertificateNotYetValid: {"電子証明書の有効期間がまだ始まっていません。端末の日時をご確認のうえ、お試しください。", "The certificate is not valid yet. Please check your device's clock and try again."},
	CertificateExpired:     {"電子証明書の有効期間が終了しています。更新の手続きをしてください。", "The certificate has expired. Please renew it."},
	PolicyWrong:            {"この手続きには使えない種類の電子証明書です。", "This kind of certificate cannot be used here."},
	CertificateRevoked:     {"電子証明書は失効しています。新しい電子証明書でお試しください。", "The certificate has been revoked. Please use your new one."},
	CertificateSuspended:   {"電子証明書は一時停止されています。停止の解除は、コールセンターにお問い合わせください。", "The certificate is suspended. Please ask the call centre to lift the suspension."},
	StatusUnavailable:      {"電子証明書の有効性を確認できませんでした。しばらくしてからお試しください。", "The certificate's status could not be checked. Please try again later."},
	AccountUnknown:         {"この電子証明書の登録がありません。更新された場合は、利用登録をもう一度行ってください。", "This certificate is not registered here. If you renewed it, please register again."},
	AccountRetired:         {"この電子証明書は、新しい電子証明書の登録により使えなくなりました。", "A newer certificate is registered for this account. Please use that one."},
}

var groupTexts = map[byte]Text{
	'1': {"ログインを確認できませんでした。もう一度はじめからお試しください。", "The login could not be confirmed. Please begin again."},
	'2': {"この電子証明書は使えません。", "This certificate cannot be used."},
	'3': {"電子証明書の有効性を確認できませんでした。しばらくしてからお試しください。", "The certificate's status could not be checked. Please try again later."},
	'4': {"この電子証明書の登録を確認できませんでした。", "No registration was found for this certificate."},
}

// Text is what the user is shown for a code. Spec: SPEC-RELYING-PARTY-060.
func (c Code) Text() Text {
	if text, ok := texts[c]; ok {
		return text
	}
	if group, ok := strings.CutPrefix(string(c), "RP-"); ok && group != "" {
		return groupTexts[group[0]]
	}
	return Text{}
}
