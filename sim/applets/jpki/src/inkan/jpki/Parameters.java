package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * What the instance was installed with: a sequence of tag, length and value
 * (JPKI-AP, install parameters). Nothing changes after install.
 * Spec: SPEC-JPKI-AP-007.
 */
final class Parameters {
	static final byte SIM = 0x01;
	static final byte CARD = 0x03;
	/** Policy 00: off over contactless until the holder acts. */
	static final byte POLICY_PHONE = 0x00;
	static final byte POLICY_CARD = 0x01;
	static final byte ATTEST_NEVER = 0x00;
	static final byte ATTEST_IF_THERE = 0x01;
	static final byte ATTEST_ALWAYS = 0x02;
	/** Bits of guard: EF 000A needs the PIN there. */
	static final byte GUARD_CONTACT = 0x01;
	static final byte GUARD_CONTACTLESS = 0x02;

	private static final byte TAG_FORM = (byte) 0x81;
	private static final byte TAG_GUARD = (byte) 0x82;
	private static final byte TAG_POLICY = (byte) 0x83;
	private static final byte TAG_LABEL = (byte) 0x84;
	private static final byte TAG_ATTESTATION = (byte) 0x85;
	private static final byte TAG_TRIES = (byte) 0x86;
	private static final byte TAG_FILE = (byte) 0x87;

	private static final byte[] LABEL_SIM = { 'J', 'P', 'K', 'I', 'A', 'P', 'S', 'I', 'M', 'T', 'O', 'K', 'E', 'N' };
	private static final byte[] LABEL_CARD = { 'J', 'P', 'K', 'I', 'A', 'P', 'I', 'C', 'C', 'T', 'O', 'K', 'E', 'N', '2' };

	/** SIM or CARD. */
	byte form = SIM;
	/** GUARD_ bits. */
	byte guard;
	/** A POLICY_ value. */
	byte policy;
	/** An ATTEST_ value. */
	byte attestation;
	/** Tries of the auth PIN over contactless under POLICY_PHONE. */
	byte tries = 3;
	/** Bytes of each certificate file. */
	short fileSize = 2048;
	/** Set of the roles that the form has. */
	byte roles;

	/** Bytes of the label in the token information. */
	static final short LABEL_SIZE = 32;
	/** Label, padded with blanks. */
	final byte[] label = new byte[LABEL_SIZE];

	/** Reads b[offset] to b[end - 1]. */
	Parameters(byte[] b, short offset, short end) {
		short seen = 0;
		boolean named = false;
		byte g = -1;
		byte p = -1;
		byte a = -1;
		while (offset < end) {
			wrongUnless((short) (end - offset) >= 2);
			byte tag = b[offset++];
			short length = (short) (b[offset++] & 0xFF);
			wrongUnless(tag >= TAG_FORM && tag <= TAG_FILE && length <= (short) (end - offset));
			short bit = (short) (1 << (tag & 0x07));
			wrongUnless((seen & bit) == 0);
			seen |= bit;
			wrongUnless(lengthFits(tag, length));
			byte value = b[offset];
			switch (tag) {
			case TAG_FORM:
				wrongUnless(value == SIM || value == CARD);
				form = value;
				break;
			case TAG_GUARD:
				g = within(value, (byte) 0, (byte) 3);
				break;
			case TAG_POLICY:
				p = within(value, (byte) 0, (byte) 1);
				break;
			case TAG_LABEL:
				named = true;
				setLabel(b, offset, length);
				break;
			case TAG_ATTESTATION:
				a = within(value, (byte) 0, (byte) 2);
				break;
			case TAG_TRIES:
				tries = within(value, (byte) 1, (byte) 15);
				break;
			default:
				fileSize = Util.getShort(b, offset);
				wrongUnless(fileSize >= 256 && fileSize <= 4096);
			}
			offset += length;
		}
		boolean card = form == CARD;
		roles = (byte) (card ? 3 : 1);
		guard = g >= 0 ? g : card ? 0 : GUARD_CONTACTLESS;
		policy = p >= 0 ? p : card ? POLICY_CARD : POLICY_PHONE;
		attestation = a >= 0 ? a : card ? ATTEST_IF_THERE : ATTEST_ALWAYS;
		if (!named) {
			byte[] other = card ? LABEL_CARD : LABEL_SIM;
			setLabel(other, (short) 0, (short) other.length);
		}
	}

	private static boolean lengthFits(byte tag, short length) {
		if (tag == TAG_LABEL) {
			return length >= 1 && length <= LABEL_SIZE;
		}
		return length == (tag == TAG_FILE ? 2 : 1);
	}

	private void setLabel(byte[] b, short offset, short length) {
		for (short i = 0; i < length; i++) {
			within(b[(short) (offset + i)], (byte) 0x20, (byte) 0x7E);
		}
		Util.arrayFillNonAtomic(label, (short) 0, LABEL_SIZE, (byte) ' ');
		Util.arrayCopyNonAtomic(b, offset, label, (short) 0, length);
	}

	private static byte within(byte value, byte least, byte most) {
		wrongUnless(value >= least && value <= most);
		return value;
	}

	private static void wrongUnless(boolean holds) {
		if (!holds) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
	}
}
