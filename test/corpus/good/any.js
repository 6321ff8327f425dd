// A script that squall did not write stands here for any other.
export default function () {}
