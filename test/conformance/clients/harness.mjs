/**
 * The work of every client here, as in harnesses for the Autobahn test suite: asks how many cases there are, opens a WebSocket for each
 * and echoes its messages, and requests the reports.
 */

/**
 * @param visit Opens a WebSocket to a URL, sends what `answer` returns for a message unless that is `undefined`, and resolves once the
 * WebSocket has ended or was refused.
 */
export async function runCases(visit, url, agent) {
  let count = 0
  await visit(`${url}/getCaseCount`, (data) => {
    count = Number(data)
  })
  for (let number = 1; number <= count; number++)
    await visit(`${url}/runCase?case=${number}&agent=${agent}`, (data) => data)
  await visit(`${url}/updateReports?agent=${agent}`, () => undefined)
}
