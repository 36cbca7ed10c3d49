// Package sms is the short message service as the over-the-air bearer of
// secured packets: the TPDUs of 3GPP TS 23.040 (SMS-DELIVER, SMS-SUBMIT,
// SMS-DELIVER-REPORT), the user data header, concatenation, and the toolkit
// messages of 3GPP TS 31.111 that carry a TPDU into the UICC and out of it.
//
// It must not know what a secured packet says; that is scp80. It implements
// spec/SMS.md.
package sms
