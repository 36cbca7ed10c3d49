package inkan.basic;

import javacard.framework.APDU;
import javacard.framework.ISO7816;

/** The common application: a record about the card, for everybody to read. */
public final class CommonApplet extends BasicApplet {
	private static final byte INS_READ_RECORD = (byte) 0xB2;
	private static final byte CARD = 0x01;
	private static final byte FIRST_RECORD = 0x01;
	private static final short RECORD_SIZE = 64;

	private final Slots card;

	private CommonApplet(byte[] b, short offset) {
		super(b, offset);
		card = new Slots(RECORD_SIZE, work);
	}

	/** Installs an instance. */
	public static void install(byte[] b, short offset, byte length) {
		new CommonApplet(b, offset).register(b, (short) (offset + 1), b[offset]);
	}

	boolean exists(byte ef) {
		return ef == CARD;
	}

	boolean takes(byte ef) {
		return ef == CARD;
	}

	boolean command(APDU apdu, byte[] b, byte ins) {
		if (ins != INS_READ_RECORD) {
			return false;
		}
		readRecord(apdu, b);
		return true;
	}

	/** READ RECORD. Spec: SPEC-IDCARD-032, SPEC-IDCARD-033. */
	private void readRecord(APDU apdu, byte[] b) {
		byte p2 = b[ISO7816.OFFSET_P2];
		byte sfi = (byte) ((p2 >> 3) & 0x1F);
		Status.need((p2 & 0x07) == 0x04 && sfi != 0x1F, ISO7816.SW_INCORRECT_P1P2);
		Input.refuse(apdu);
		byte ef = bySFI(sfi);
		Status.need(b[ISO7816.OFFSET_P1] == FIRST_RECORD && card.length() > 0, ISO7816.SW_RECORD_NOT_FOUND);
		setCurrent(ef);
		send(apdu, card, (short) 0);
	}

	void leave() {
	}

	void settle() {
		card.settle();
	}

	void checkLength(byte ef, short n) {
		Status.need(n <= RECORD_SIZE, Status.TOO_LONG);
	}

	void put(byte ef, short at, byte[] b, short offset, short n) {
		card.put(at, b, offset, n);
	}

	void finish(byte ef, short n) {
		card.exchange(n);
	}
}
