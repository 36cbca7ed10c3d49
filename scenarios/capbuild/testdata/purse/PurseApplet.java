package inkan.example.purse;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** Counts money: 8030 gives the balance, 8040 with two bytes adds to it. */
public class PurseApplet extends Applet {
    private short balance;

    public static void install(byte[] bArray, short bOffset, byte bLength) {
        new PurseApplet().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x30:
                Util.setShort(buffer, (short) 0, balance);
                apdu.setOutgoingAndSend((short) 0, (short) 2);
                break;
            case 0x40:
                if (apdu.setIncomingAndReceive() != 2) {
                    ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
                }
                short amount = Util.getShort(buffer, ISO7816.OFFSET_CDATA);
                if (amount < 0 || (short) (balance + amount) < 0) {
                    ISOException.throwIt(ISO7816.SW_WRONG_DATA);
                }
                balance += amount;
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}
