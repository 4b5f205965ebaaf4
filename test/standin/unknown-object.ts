/** The stand-in was asked for something it does not have: a mistake of the test, not of the program under test. */
export class UnknownObject extends Error {}
